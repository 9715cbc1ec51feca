/** Deploys to the database of an app that exists: what is looked for before anything is changed. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type connect from "postgres";
import { appTableProblems, appTables, appTableWarnings } from "../../local/deploy/app-tables.ts";
import { rehearse } from "../../local/deploy/migrations.ts";
import { predecessorProblems, predecessors, remove, takenNames, takeOver } from "../../local/deploy/taken.ts";
import { preparePlatform } from "../../local/platform/platform.ts";
import { createDatabase, query } from "../../local/stack/database.ts";
import { logNothing } from "../../local/stack/log.ts";
import { migrate, migrationFiles } from "../../local/stack/migrate.ts";
import { startPostgres, SUPERUSER } from "../../local/stack/postgres.ts";
import { startStack } from "../../local/stack/stack.ts";
import { ROOT } from "../../local/tools/paths.ts";

/** An app's own tables, as small as they can be. */
const app = `
  create table profiles (id uuid primary key, username text);
  create table posts_new (id uuid primary key, profile_id uuid, caption varchar(500), likes integer);
  create table post_ratings (post_id uuid, session_id text);`;

/** Everything that a deploy finds; an empty list if it would go on. */
async function problems(sql: connect.Sql): Promise<string[]> {
  const found = await predecessors(sql, ROOT);
  const all = [...await appTableProblems(sql), ...await takenNames(sql, ROOT), ...predecessorProblems(found)];
  if (all.length === 0) {
    await rehearse(sql, ROOT, (sql) => remove(sql, found)).catch((error) => all.push(...error.problems));
  }
  return all.map(({ what, remedy }) => `${what}: ${remedy}`);
}

Deno.test("a deploy to the database of an app", async (t) => {
  await using server = await startPostgres();
  await preparePlatform(server);
  const inApp = async (text: string, work: (sql: connect.Sql, url: string) => Promise<void>) => {
    await using database = await createDatabase(server);
    await query(database.url, async (sql) => {
      await sql.unsafe(text);
      await work(sql, database.url);
    });
  };

  await t.step("goes on with compatible tables, and changes nothing before", () =>
    inApp(app, async (sql) => {
      const relations = () => sql`select count(*)::int from pg_class`;
      const before = await relations();
      deepEqual(await problems(sql), []);
      deepEqual(await relations(), before);
    }));

  await t.step("goes on after a deploy, complete or not", () =>
    inApp(app, async (sql, url) => {
      const half = await Deno.makeTempDir();
      for (const file of migrationFiles().slice(0, 6)) {
        await Deno.copyFile(`${ROOT}/supabase/migrations/${file}`, `${half}/${file}`);
      }
      await migrate(url, half);
      await Deno.remove(half, { recursive: true });
      deepEqual(await problems(sql), []);
      await migrate(url);
      deepEqual(await problems(sql), []);
    }));

  for (
    const [name, text, expected] of [
      ["a table of our name", "create table notifications (id int)", /table `notifications` exists.*rename it/],
      [
        "a table `comments` of the app",
        "create table comments (id bigint primary key, post_id uuid, text text)",
        /table `comments` exists.*rename it: alter table public\.comments rename to app_comments; alter index public\.comments_pkey rename to app_comments_pkey;$/,
      ],
      [
        "a job that reads a queue whose function has another name",
        "select cron.schedule('moderate', '* * * * *', $$select * from pgmq.read('comment_moderation', 30, 10)$$)",
        /cron job moderate calls a worker or reads a queue/,
      ],
      [
        "a view of our name",
        "create view devices as select 1 as id",
        /view `devices` exists.*rename it: alter view public\.devices rename/,
      ],
      ["a sequence of our name", "create sequence analytics_events", /sequence `analytics_events` exists/],
      ["an enum of our name", "create type notifications as enum ('like')", /type `notifications` exists/],
      ["a schema of our name", "create schema queues", /schema `queues` exists/],
      [
        "an overload of one of our functions",
        "create function list_notifications(n int) returns int language sql as 'select 1'",
        /function public\.list_notifications\(n integer\) exists.*PostgREST.*TAKE_OVER=1 drops it/,
      ],
      [
        "a function with our signature",
        "create function unread_notifications() returns integer language sql as 'select 1'",
        /function public\.unread_notifications\(\) exists/,
      ],
      [
        "a procedure of our name",
        "create procedure track_event(n int) language sql as 'select 1'",
        /function public\.track_event\(.*integer\) exists/,
      ],
      [
        "a function of our name in a database that quotes all names",
        "create function toggle_post_like(n int) returns int language sql as 'select 1'; set quote_all_identifiers = on",
        /function public\.toggle_post_like\(.*integer\) exists|function public\."toggle_post_like"\(.*integer\) exists/,
      ],
      [
        "a rating that needs a value",
        "alter table post_ratings add column rating integer not null",
        /post_ratings\.rating must have a value.*set default/,
      ],
      [
        "a rating whose domain needs a value",
        "create domain stars as integer not null; alter table post_ratings add column rating stars",
        /post_ratings\.rating must have a value/,
      ],
      [
        "session ids that are too short",
        "alter table post_ratings alter column session_id type varchar(32)",
        /post_ratings\.session_id holds 32 characters.*up to 128/,
      ],
      [
        "a counter that ends at 32,767 likes",
        "alter table posts_new alter column likes type smallint",
        /posts_new\.likes is of type int2.*alter column likes type bigint/,
      ],
      [
        "a counter that the database computes",
        "alter table posts_new drop column likes, add column likes bigint generated always as (0) stored",
        /posts_new\.likes is a generated column.*drop expression/,
      ],
      [
        "a constraint of the app that no like meets",
        "insert into posts_new values ('00000000-0000-4000-8000-0000000000aa'); " +
        "alter table post_ratings add constraint known_session check (session_id like 'app-%')",
        /a like would fail: .*known_session/s,
      ],
      [
        "a trigger of the app that refuses likes",
        "insert into posts_new values ('00000000-0000-4000-8000-0000000000aa'); " +
        "create function refuse() returns trigger language plpgsql as 'begin raise ''no ratings any more''; end'; " +
        "create trigger refuse before insert on post_ratings for each row execute function refuse()",
        /a like would fail: no ratings any more/,
      ],
      ["a queue of our name", "select pgmq.create('notifications')", /queue notifications exists, with 0 messages/],
      [
        "a job that calls a worker",
        "select cron.schedule('process-notifications', '* * * * *', $$select net.http_post(" +
        "'https://p.supabase.co/functions/v1/process-notifications', headers => '{\"apikey\": \"sb_secret_x\"}')$$)",
        /cron job process-notifications calls a worker.*cron\.unschedule\('process-notifications'\)/,
      ],
      [
        "a job that reads a queue",
        "select cron.schedule('likes', '* * * * *', $$select * from pgmq.read('like_events', 30, 10)$$)",
        /cron job likes calls a worker or reads a queue/,
      ],
      [
        "a view instead of a table",
        "drop table post_ratings; create view post_ratings as select 1",
        /post_ratings is not a table/,
      ],
      [
        "ids that are numbers",
        "alter table posts_new drop column id, add column id bigint primary key",
        /posts_new\.id is of type int8.*ids are UUIDs/,
      ],
      [
        "a missing owner",
        "alter table posts_new drop column profile_id",
        /posts_new has no column profile_id.*add column profile_id uuid/,
      ],
      [
        "a preference of another type",
        "alter table profiles add column email_notifications text",
        /email_notifications is of type text.*bool/,
      ],
      ["a renamed name", "alter table profiles rename username to handle", /profiles has no column username/],
      [
        "ids that are not unique",
        "alter table profiles drop constraint profiles_pkey",
        /would fail: there is no unique constraint/,
      ],
    ] as [string, string, RegExp][]
  ) {
    await t.step(`refuses ${name}`, () =>
      inApp(`${app}\n${text}`, async (sql) => {
        const found = await problems(sql);
        equal(found.length, 1, found.join("\n"));
        match(found[0]!, expected);
        ok(!found[0]!.includes("sb_secret"));
      }));
  }

  await t.step("goes on after its remedies for an app's own comments, which can be brought over", () =>
    inApp(
      `${app}
       alter table posts_new alter column profile_id set not null;
       create table comments (
         id bigint generated always as identity primary key, post_id uuid not null references posts_new (id),
         user_id uuid not null references profiles (id), text text not null, created_at timestamptz not null default now());
       create index comments_post_id_idx on comments (post_id);
       create unique index comments_author_id_idx on comments (user_id, post_id);
       alter table comments enable row level security;
       create policy "all read comments" on comments for select using (true);
       create function count_comments() returns trigger language plpgsql as 'begin return null; end';
       create trigger count_comments after insert on comments for each row execute function count_comments();
       insert into profiles values ('00000000-0000-4000-8000-0000000000a1', 'lucia');
       insert into posts_new values ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000a1');
       insert into comments (post_id, user_id, text)
       values ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000a1', 'what a lake');`,
      async (sql, url) => {
        const found = await problems(sql);
        equal(found.length, 1, found.join("\n"));
        await sql.unsafe(found[0]!.split("rename it: ")[1]!);
        deepEqual(await problems(sql), []);
        await migrate(url);
        // The second statement of docs/comments.md.
        const [, statement] = /```sql\nalter table public\.comments rename[^;]*;[^]*?(insert[^]*?)```/.exec(
          await Deno.readTextFile(`${ROOT}/docs/comments.md`),
        )!;
        await sql.unsafe(statement!);
        const [comment] = await sql`select body, status, told, decided_at is not null as decided from comments`;
        deepEqual({ ...comment }, { body: "what a lake", status: "approved", told: [], decided: true });
        deepEqual([...(await sql`select count(*)::int from pgmq.q_comment_moderation`)], [{ count: 0 }]);
        deepEqual([...(await sql`select text from app_comments`)], [{ text: "what a lake" }]);
      },
    ));

  await t.step("goes on with a rating that a default or a sequence fills", () =>
    inApp(
      `${app} alter table post_ratings add column rating integer not null default 5,
         add column number bigint generated always as identity, add column id uuid primary key default gen_random_uuid();
       insert into profiles values ('00000000-0000-4000-8000-0000000000a1', 'lucia');
       insert into posts_new values ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000a1');`,
      async (sql) => {
        deepEqual(await problems(sql), []);
        deepEqual([...(await sql`select count(*)::int from post_ratings`)], [{ count: 0 }]);
      },
    ));

  await t.step("goes on where pgcrypto is in another schema", () =>
    inApp(app, async (sql, url) => {
      await query(
        server.url(new URL(url).pathname.slice(1), SUPERUSER),
        (admin) =>
          // All but what the stand-in for Vault uses.
          admin.unsafe(
            "alter function extensions.hmac(text, text, text) set schema public; alter function extensions.gen_random_bytes(int) set schema public",
          ),
      );
      deepEqual(await problems(sql), []);
      await migrate(url);
      await sql`insert into profiles values ('00000000-0000-4000-8000-0000000000a1', 'lucia')`;
      const [row] = await sql`select queues.unsubscribe_token(id) as token from profiles`;
      match(row!.token, /^00000000.*\.email\.[0-9a-f]{64}$/);
    }));

  await t.step("takes over procedures and functions whatever the database quotes or searches", () =>
    inApp(
      `${app} create procedure track_event(n int) language sql as 'select 1';
       create function list_notifications(out n int, m text[] default '{}') language sql as 'select 1';
       set quote_all_identifiers = on; set search_path = extensions`,
      async (sql) => {
        await takeOver(sql, ROOT);
        deepEqual((await predecessors(sql, ROOT)).functions, []);
      },
    ));

  await t.step("looks for every name that the migrations create in public", () =>
    inApp("", async (sql, url) => {
      const own = async () =>
        (await sql<{ name: string }[]>`
          select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p')
          union select proname from pg_proc where pronamespace = 'public'::regnamespace
          union select typname from pg_type where typnamespace = 'public'::regnamespace and typrelid = 0 and typelem = 0`)
          .map(({ name }) => name);
      const before = new Set(await own());
      await migrate(url);
      const created = (await own()).filter((name) => !before.has(name) && !Object.keys(appTables).includes(name));
      ok(created.length > 40, created.join());
      await using other = await createDatabase(server);
      await query(other.url, async (sql) => {
        for (const name of created) {
          await sql.unsafe(
            `create table public.${name} (id int); create function public.${name}(n bytea) returns int language sql as 'select 1'`,
          );
          const found = [
            ...(await takenNames(sql, ROOT)).map(({ what }) => what),
            ...(await predecessors(sql, ROOT)).functions,
          ];
          ok(found.some((what) => what.includes(name)), `${name} is not looked for`);
          await sql.unsafe(`drop table public.${name}; drop function public.${name}`);
        }
      });
    }));

  await t.step("refuses a takeover of a function that a view needs, and drops nothing", () =>
    inApp(
      `${app} create function unread_notifications() returns integer language sql as 'select 1';
       create view badge as select unread_notifications()`,
      async (sql) => {
        const found = await predecessors(sql, ROOT);
        await rejects(rehearse(sql, ROOT, (sql) => remove(sql, found)), /badge/);
        equal((await sql`select * from badge`).length, 1);
      },
    ));

  await t.step("notes a trigger that may count likes", () =>
    inApp(
      `${app} create function count_likes() returns trigger language plpgsql as 'begin return null; end';
       create trigger count_likes after insert on post_ratings for each row execute function count_likes()`,
      async (sql) => {
        deepEqual(await problems(sql), []);
        match((await appTableWarnings(sql)).join(), /trigger count_likes/);
      },
    ));

  await t.step(
    "notes that the counts of posts are not live, until posts_new is published",
    () =>
      inApp(app, async (sql) => {
        match((await appTableWarnings(sql)).join(), /alter publication supabase_realtime add table public\.posts_new$/);
        await sql`alter publication supabase_realtime add table public.posts_new`;
        deepEqual(await appTableWarnings(sql), []);
      }),
  );

  await t.step(
    "knows every column of the app's tables that the schemas name, by their types",
    () =>
      inApp("", async (sql) => {
        for (const file of ["10_profiles", "20_posts", "30_post_ratings"]) {
          const text = await Deno.readTextFile(`${ROOT}/supabase/schemas/10_app/${file}.sql`);
          await sql.unsafe(/^create table[^;]*;/m.exec(text)![0]);
        }
        deepEqual(await appTableProblems(sql), []);
        const missing = await sql`
        select table_name || '.' || column_name as column from information_schema.columns
        where table_schema = 'public' and table_name in ${sql(Object.keys(appTables))}`;
        const known = Object.entries(appTables).flatMap(([table, columns]) =>
          Object.keys(columns).map((c) => `${table}.${c}`)
        );
        // Columns that only the app itself reads.
        const own = /\.(image_url|created_at|updated_at)$|^post_ratings\.id$/;
        deepEqual(
          missing.map(({ column }) => column).filter((column) => !own.test(column)).toSorted(),
          known.toSorted(),
        );
      }),
  );
});

Deno.test("a takeover of what an app did before handles each waiting message", async () => {
  const none = await Deno.makeTempDir();
  await using stack = await startStack({ migrationsDir: none, statementTimeout: "10min", log: logNothing });
  await Deno.remove(none);
  await query(stack.databaseUrl, async (sql) => {
    await sql.unsafe(`${app}
      create extension if not exists pgcrypto;
      select pgmq.create(queue) from unnest(array['like_events', 'notifications', 'analytics']) queue;
      create function toggle_post_like(p_post_id uuid, p_session_id text) returns jsonb language plpgsql as $$
      begin
        perform pgmq.send('notifications', jsonb_build_object('type', 'like', 'post_id', p_post_id));
        perform pgmq.send('analytics', jsonb_build_object('event', 'like', 'post_id', p_post_id));
        return jsonb_build_object('success', true);
      end $$;
      select cron.schedule(name, '* * * * *', format($$select net.http_post('%s')$$, 'https://p.supabase.co/functions/v1/' || name))
      from unnest(array['process-notifications', 'process-analytics', 'process-like-events']) name;
      insert into profiles values ('00000000-0000-4000-8000-000000000001', 'lucia');
      insert into posts_new values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'sea', 0);
      select toggle_post_like('00000000-0000-4000-8000-000000000002', 's' || n) from generate_series(1, 300) n;
      select pgmq.send('notifications', jsonb_build_object('user_id', n, 'message', 'Someone liked your post')) from generate_series(1, 200) n;
      select pgmq.send('like_events', to_jsonb('liked'::text)) from generate_series(1, 100) n;
      select pgmq.send('analytics', jsonb_build_object('event', 'page_view', 'timestamp', now())) from generate_series(1, 100) n;`);
    match(await takeOver(sql, ROOT), /toggle_post_like.*job process-analytics.*queue notifications/);
    await migrate(stack.databaseUrl);
    deepEqual((await sql`select jobname from cron.job order by 1`).map(({ jobname }) => jobname), [
      "cleanup-archived-messages",
      "dispatch-queues",
    ]);
    stack.scheduler.start();
    for (const queue of ["like_events", "notifications", "analytics"]) {
      await sql`update queues.settings set schedule_secs = 1 where queue = ${queue}`;
    }
    await sql`update queues.due set at = clock_timestamp()`;
    const waiting = async () =>
      (await sql`
      select (select count(*) from pgmq.q_like_events) + (select count(*) from pgmq.q_notifications)
        + (select count(*) from pgmq.q_analytics) as n`)[0]!.n;
    while (Number(await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    const [done] = await sql`
      select
        (select count(*) from pgmq.a_like_events) + (select count(*) from pgmq.a_notifications)
          + (select count(*) from pgmq.a_analytics) as archived,
        (select count(*) from pgmq.q_like_events_dlq) + (select count(*) from pgmq.q_notifications_dlq)
          + (select count(*) from pgmq.q_analytics_dlq) as dead,
        (select count(*) from pgmq.q_notifications_dlq where message ->> 'reason' is null) as unexplained`;
    equal(Number(done!.archived) + Number(done!.dead), 1000);
    equal(Number(done!.unexplained), 0);
    // A page view is an event of the same shape.
    equal(Number((await sql`select count(*) from analytics_events where event_type = 'page_view'`)[0]!.count), 100);
  });
});
