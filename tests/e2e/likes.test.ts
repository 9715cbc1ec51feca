/** A like over HTTP and all its effects. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { signToken } from "../../local/stack/keys.ts";
import { oldAnalytics, oldNotification } from "./messages.ts";
import { Project, versions } from "./project.ts";

for (const pgVersion of versions) {
  Deno.test(`likes on Postgres ${pgVersion}`, async (t) => {
    await using project = await Project.start({ pgVersion });
    const it = (behaviour: string, body: () => Promise<void>) =>
      t.step(behaviour, async () => {
        await project.reset();
        await body();
      });

    await it("every concurrent toggle has its effects exactly once", async () => {
      const { owner, ids } = await project.posts(5);
      project.stack.scheduler.start();
      const app = client(project);
      // 30 sessions, each several times on each post: most toggles are concurrent with another one of the same post.
      const toggles = Array.from({ length: 600 }, (_, n) => ({ post: ids[n % 5]!, session: `session ${n % 30}` }));
      const answers = await inParallel(20, toggles, ({ post, session }) => toggle(app, post, session));
      deepEqual(answers.filter((answer) => !answer.success), []);
      const liked = answers.filter((answer) => answer.isLiked).length;

      await project.drained("like_events", "notifications", "analytics");
      await project.stack.scheduler.stop();

      const counts = {
        likeEvents: await project.count("pgmq.a_like_events"),
        likes: await project.count("pgmq.a_like_events where message ->> 'event_type' = 'like'"),
        analytics: await project.count("analytics_events"),
        analyticsLikes: await project.count("analytics_events where event_type = 'like'"),
      };
      deepEqual(counts, {
        likeEvents: 600,
        likes: liked,
        analytics: 600,
        analyticsLikes: liked,
      });
      // An owner has one notification per post, with those who like it in the end.
      const untold = await project.sql`
        select p.id from posts_new p
        left join notifications n on n.data ->> 'post_id' = p.id::text and n.withdrawn_at is null and n.type = 'new_like'
          and n.recipient_id = ${owner}
        group by p.id having count(n) > 1 or coalesce(sum(n.actor_count), 0) <> p.likes`;
      deepEqual([...untold], []);
      const differing = await project.sql`
        select p.id from posts_new p
        where p.likes <> (select count(*) from post_ratings r where r.post_id = p.id)
          or p.likes <> (
            select sum(case event_type when 'like' then count else -count end) from analytics_daily d where d.post_id = p.id)`;
      deepEqual([...differing], []);
      equal((await project.sql`select sum(count)::int as sum from analytics_daily`)[0]!.sum, 600);
      for (const queue of ["like_events", "notifications", "analytics"] as const) {
        deepEqual(await project.deadLetters(queue), []);
      }
      // The events agree with the responses, each count once.
      const [{ told }] = await project.sql`
        select array_agg(n order by n) as told from (
          select message ->> 'post_id' || ' ' || (message ->> 'new_like_count') || ' ' || (message ->> 'event_type') as n
          from pgmq.a_like_events) e` as unknown as [{ told: string[] }];
      const answered = answers.map((answer, n) =>
        `${toggles[n]!.post} ${answer.newLikeCount} ${answer.isLiked ? "like" : "unlike"}`
      );
      deepEqual(told.toSorted(), answered.toSorted());
    });

    await it("a like of one's own post is counted and trends, without a notification", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      const someone = (await project.posts(0)).owner;
      equal((await toggle(await signedIn(project, owner), post!, "mine")).success, true);
      equal((await toggle(await signedIn(project, someone), post!, "theirs")).success, true);
      for (const queue of ["like_events", "notifications", "analytics"] as const) await project.call(queue);
      const events = await project.sql`select profile_id from analytics_events order by profile_id = ${owner} desc`;
      deepEqual(events.map((event) => event.profile_id), [owner, someone]);
      const told = await project.sql`select recipient_id, data ->> 'actor_profile_id' as actor from notifications`;
      deepEqual([...told], [{ recipient_id: owner, actor: someone }]);
      const { data: trending } = await client(project).rpc("trending_posts", { p_window: "24:00:00", p_limit: 1 });
      equal(trending[0].post_id, post);
      equal(trending[0].likes, 2);
    });

    await it("an unlike is counted as such and withdraws the notification", async () => {
      const { ids: [post] } = await project.posts(1);
      const app = client(project);
      deepEqual(await toggle(app, post!, "s"), { success: true, isLiked: true, newLikeCount: 1 });
      deepEqual(await toggle(app, post!, "s"), { success: true, isLiked: false, newLikeCount: 0 });
      for (const queue of ["like_events", "notifications", "analytics"] as const) await project.call(queue);
      const counters = await project.sql`select event_type, count::int from analytics_daily order by event_type`;
      deepEqual([...counters], [{ event_type: "like", count: 1 }, { event_type: "unlike", count: 1 }]);
      equal(await project.count("notifications where withdrawn_at is null"), 0);
    });

    await it("a like of any accepted session id is processed", async () => {
      const { ids: [post] } = await project.posts(1);
      const app = client(project);
      const odd = [
        "\u00a0",
        "\u2007",
        "\u202f",
        "\u3000",
        "\u0085",
        "\u001f",
        "\ufeff",
        "\u200b",
        " x ",
        '"\\',
        "🙂".repeat(128),
      ];
      const accepted = [];
      for (const session of odd) if ((await toggle(app, post!, session)).success) accepted.push(session);
      await project.call("like_events");
      deepEqual((await project.deadLetters("like_events")).map((letter) => letter.error), []);
      await project.call("analytics");
      const sessions = await project.sql`select session_id from analytics_events`;
      deepEqual(sessions.map((row) => row.session_id).toSorted(), accepted.toSorted());
    });

    await it("a like over the limit is answered 429, with the state as it is", async () => {
      const { ids: [post] } = await project.posts(1);
      const app = client(project);
      // So slow that no like is regained meanwhile.
      await project.sql`update queues.rate_limits set enabled = true, per_minute = 1 where action = 'like'`;
      for (let n = 0; n < 10; n++) equal((await toggle(app, post!, "bot")).success, true);
      const { status, error } = await app.rpc("toggle_post_like", { p_post_id: post, p_session_id: "bot" });
      const { retryAfter, ...state } = error as unknown as { retryAfter: number };
      deepEqual([status, state], [429, {
        success: false,
        isLiked: false,
        newLikeCount: 0,
        error: "Too many requests",
        code: "rate_limited",
      }]);
      const answer = await fetch(`${project.stack.url}/rest/v1/rpc/toggle_post_like`, {
        method: "POST",
        headers: { apikey: project.stack.publishableKey, "content-type": "application/json" },
        body: JSON.stringify({ p_post_id: post, p_session_id: "bot" }),
      });
      await answer.body?.cancel();
      equal(answer.status, 429);
      const header = Number(answer.headers.get("retry-after"));
      ok(header > 0 && header <= retryAfter && retryAfter <= 60, `${header} ${retryAfter}`);
      equal((await toggle(app, post!, "another")).success, true);
      await project.sql`update queues.rate_limits set enabled = false`;
      equal(await project.count("pgmq.q_like_events") + await project.count("pgmq.a_like_events"), 11);
    });

    await it("a refused toggle sends no message", async () => {
      const { ids: [post] } = await project.posts(1);
      const app = client(project);
      equal((await toggle(app, crypto.randomUUID(), "s")).code, "post_not_found");
      equal((await toggle(app, post!, "")).code, "invalid_session_id");
      equal((await toggle(app, post!, "x".repeat(129))).code, "invalid_session_id");
      const malformed = await app.rpc("toggle_post_like", { p_post_id: "me", p_session_id: "s" });
      match(malformed.error!.message, /invalid input syntax for type uuid/);
      equal(await project.count("pgmq.q_like_events"), 0);
    });

    await it("messages of older producers are processed", async () => {
      const { owner, ids: [post] } = await project.posts(1);
      await project.send("notifications", [oldNotification(owner, post!, "old session")]);
      await project.send("analytics", [oldAnalytics(post!, 7), oldAnalytics(post!, 6, "unlike")]);
      equal((await project.call("notifications")).body.processed, 1);
      equal((await project.call("analytics")).body.processed, 2);
      const notifications = await project.sql`select recipient_id, type, data, read_at from notifications`;
      deepEqual([...notifications], [
        { recipient_id: owner, type: "new_like", data: { post_id: post }, read_at: null },
      ]);
      const events = await project.sql`select event_type, post_id, metadata from analytics_events order by event_type`;
      deepEqual([...events], [
        { event_type: "like", post_id: post, metadata: { new_count: 7 } },
        { event_type: "unlike", post_id: post, metadata: { new_count: 6 } },
      ]);
    });
  });
}

interface Toggled {
  success: boolean;
  isLiked: boolean;
  newLikeCount: number;
  code?: string;
}

function client(project: Project): SupabaseClient {
  const { url, publishableKey } = project.stack;
  return createClient(url, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
}

async function signedIn(project: Project, profileId: string): Promise<SupabaseClient> {
  const { url, publishableKey, jwtSecret } = project.stack;
  const token = await signToken(jwtSecret, { role: "authenticated", sub: profileId });
  return createClient(url, publishableKey, { accessToken: () => Promise.resolve(token) });
}

async function toggle(app: SupabaseClient, postId: string, sessionId: string): Promise<Toggled> {
  const { data, error } = await app.rpc("toggle_post_like", { p_post_id: postId, p_session_id: sessionId });
  if (error) throw new Error(error.message, { cause: error });
  return data;
}

/** The results in the order of the inputs. */
async function inParallel<T, R>(workers: number, inputs: T[], work: (input: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let n = next++; n < inputs.length; n = next++) results[n] = await work(inputs[n]!);
  }));
  return results;
}
