/** Comments in concurrent sessions: a verdict applies to the text that was judged, and no limit is held while waiting. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type connect from "postgres";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

const author = "00000000-0000-4000-8000-0000000000a1";
const neighbour = "00000000-0000-4000-8000-0000000000a2";
const post = "00000000-0000-4000-8000-0000000000b1";
const comment = "00000000-0000-4000-8000-0000000000c1";

for (const version of versions) {
  Deno.test(`comments, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (
      behaviour: string,
      body: (owner: connect.Sql, person: connect.Sql, sessions: Sessions) => Promise<void>,
    ) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        await using sessions = new Sessions(database);
        const [owner, person] = await sessions.open(2);
        await owner!`insert into profiles (id) values (${author}), (${neighbour})`;
        await owner!`insert into posts_new (id, profile_id) values (${post}, ${author})`;
        await owner!`insert into comments (id, post_id, author_id, body) values (${comment}, ${post}, ${author}, 'one')`;
        await signIn(person!, author);
        await body(owner!, person!, sessions);
      });

    await it("an edit that waits for a verdict is judged again", async (owner, person, sessions) => {
      await owner`begin`;
      await decide(owner, 1, "approved");
      const edit = person`select edit_comment(${comment}, 'two') as answer`.execute();
      await sessions.waiting(person);
      await owner`commit`;
      equal((await edit)[0]!.answer.comment.status, "pending");
      deepEqual(await state(owner), { body: "two", status: "pending", revision: 2, waiting: 1 });
    });

    await it("a verdict that waits for an edit changes nothing", async (owner, person, sessions) => {
      await person`begin`;
      await person`select edit_comment(${comment}, 'two')`;
      const verdict = decide(owner, 1, "approved").execute();
      await sessions.waiting(owner);
      await person`commit`;
      await verdict;
      deepEqual(await state(owner), { body: "two", status: "pending", revision: 2, waiting: 1 });
    });

    await it(
      "a page of comments costs the same among ten and ten thousand, with people blocked and muted",
      async (owner, person) => {
        const many = "00000000-0000-4000-8000-0000000000b2";
        await owner`insert into posts_new (id, profile_id) values (${many}, ${author})`;
        await owner`insert into profiles (id) select gen_random_uuid() from generate_series(1, 200)`;
        await owner`
        insert into queues.hidden_people (person_id, kind, hidden_id)
        select ${author}, case n % 2 when 0 then 'block' else 'mute' end, id
        from (select id, row_number() over () as n from profiles where id not in (${author}, ${neighbour}) limit 100) p`;
        const comments = (of: string, count: number) =>
          owner`
          insert into comments (post_id, author_id, body, status, decided_at, created_at)
          select ${of}, ${neighbour}, 'comment ' || n, 'approved', now(), now() - n * interval '1 second'
          from generate_series(1, ${count}::int) n`;
        await comments(post, 10);
        await comments(many, 10_000);
        await owner`vacuum analyze comments`;
        const page = async (of: string, before: string | null, most = 0) => {
          const call = person`select list_comments(${of}, null, 5, ${before}) as page`;
          const [{ page }] = await call as unknown as [{ page: { items: unknown[]; next: string } }];
          equal(page.items.length, 5);
          // The least of several looks: some include plans that are made anew, because of what other databases do.
          let buffers = Infinity;
          for (let look = 0; look < 20 && buffers > most; look++) {
            const [plan] = await person`
            explain (analyze, buffers, format json) select list_comments(${of}, null, 5, ${before})`;
            const root = plan!["QUERY PLAN"][0].Plan;
            buffers = Math.min(buffers, root["Shared Hit Blocks"] + root["Shared Read Blocks"]);
          }
          return { next: page.next, buffers };
        };
        const few = await page(post, null);
        // The index of the larger table is one page deeper, for each that is looked up.
        const most = 2 * few.buffers;
        let deep = await page(many, null, most);
        const first = deep.buffers;
        for (let n = 0; n < 200; n++) deep = await page(many, deep.next, most);
        ok(first <= most && deep.buffers <= most, `${few.buffers}, ${first} and ${deep.buffers} buffers`);
      },
    );

    await it("a call that waits holds up nobody of its address", async (owner, person, sessions) => {
      const [other] = await sessions.open(1);
      await signIn(other!, neighbour);
      await owner`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`;
      for (const sql of [person, other!]) {
        await sql`select set_config('request.headers', '{"cf-connecting-ip": "8.8.8.8"}', false)`;
        // Its keys exist, so that they can be locked.
        await sql`select post_comment(${post}, 'first'), report_comment(${comment}, 'other')`;
      }
      await owner`begin`;
      await owner`select from comments where id = ${comment} for no key update`;
      const edit = person`select edit_comment(${comment}, 'two') ->> 'success' as success`.execute();
      await sessions.waiting(person);
      const [answer] = await other!`select post_comment(${post}, 'second') ->> 'success' as success`;
      equal(answer!.success, "true");
      await owner`commit`;
      equal((await edit)[0]!.success, "true");
    });
  });
}

async function signIn(sql: connect.Sql, person: string): Promise<void> {
  await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: person, role: "authenticated" })}, false)`;
}

function decide(sql: connect.Sql, revision: number, verdict: string) {
  const row = {
    comment_id: comment,
    revision,
    verdict,
    reasons: [],
    scores: {},
    language: "en",
    model: "1",
    simhash: null,
    hold_secs: 0,
    asks: false,
  };
  return sql`select queues.apply_comment_verdicts(${sql.json([row])})`;
}

async function state(sql: connect.Sql): Promise<unknown> {
  const [row] = await sql`
    select body, status, revision, (select count(*)::int from pgmq.q_comment_moderation) as waiting
    from comments where id = ${comment}`;
  return { ...row };
}
