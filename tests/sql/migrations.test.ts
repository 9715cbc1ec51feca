/** The migrations on new databases, on databases in use, and without pgmq; applied by the local stack and by the CLI. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import connect from "postgres";
import { type Database, query } from "../../local/stack/database.ts";
import { editedMigrations, migrate } from "../../local/stack/migrate.ts";
import { MIGRATIONS } from "../../local/tools/paths.ts";
import { supabase } from "../../local/tools/supabase-cli.ts";
import { startServer, versions } from "./servers.ts";

const post = "00000000-0000-4000-8000-0000000000b1";
const existingApp = await Deno.readTextFile(new URL("existing_app.sql", import.meta.url));
const files = [...Deno.readDirSync(MIGRATIONS)].map(({ name }) => name).sort();

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sql: connect.Sql, database: Database, notices: string[]) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.empty();
        const notices: string[] = [];
        const onnotice = ({ message }: connect.Notice) => notices.push(message ?? "");
        const sql = connect(database.url, { max: 1, onnotice, fetch_types: false });
        try {
          await body(sql, database, notices);
        } finally {
          await sql.end();
        }
      });

    await it("apply to an empty database, once", async (sql, { url }) => {
      deepEqual(await migrate(url), files);
      const before = await fingerprint(sql);
      deepEqual(await migrate(url), []);
      deepEqual(await fingerprint(sql), before);
    });

    await it("are noticed if they were edited after they were applied", async (sql, { url }) => {
      const folder = await Deno.makeTempDir({ prefix: "queues-edited-" });
      try {
        for (const file of files) await Deno.copyFile(`${MIGRATIONS}/${file}`, `${folder}/${file}`);
        await migrate(url, folder);
        await Deno.writeTextFile(`${folder}/${files[1]}`, "\n;\n", { append: true });
        await Deno.writeTextFile(`${folder}/30000101000000_new.sql`, "select 1");
        deepEqual(await editedMigrations(sql, folder), [], "white space is no edit, and a new file none of an old one");
        await Deno.writeTextFile(`${folder}/${files[2]}`, "select 1;\n", { append: true });
        deepEqual(await editedMigrations(sql, folder), [files[2]]);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });

    await it("need no superuser", async (sql) => {
      const [role] = await sql`select rolsuper from pg_roles where rolname = current_user`;
      equal(role!.rolsuper, false);
    });

    await it("leave an app's tables, data, policies and grants as they are", async (sql, { url }) => {
      await sql.unsafe(existingApp);
      const before = await appFingerprint(sql);
      await migrate(url);
      deepEqual(await appFingerprint(sql), before);
      deepEqual([
        ...(await sql`select username, bio, push_token, email_notifications, push_notifications from profiles`),
      ], [
        { username: "ann", bio: "hats", push_token: null, email_notifications: true, push_notifications: true },
      ]);
    });

    await it("replace an app's toggle, and count on from its likes", async (sql, { url }) => {
      await sql.unsafe(existingApp);
      await migrate(url);
      await sql`set role anon`;
      const [row] = await sql`select toggle_post_like(${post}, 's3') as toggled`;
      deepEqual(row!.toggled, { success: true, isLiked: true, newLikeCount: 3 });
      await sql`reset role`;
      const [event] = await sql`select message ->> 'post_owner_id' as owner from pgmq.q_like_events`;
      equal(event!.owner, "00000000-0000-4000-8000-00000000000a");
    });

    await it("keep preferences that an app already has", async (sql, { url }) => {
      await sql.unsafe(existingApp);
      await sql`alter table profiles add column push_token varchar(200), add column email_notifications boolean not null default false`;
      await sql`update profiles set push_token = 'token'`;
      await migrate(url);
      deepEqual([...(await sql`select push_token, email_notifications, push_notifications from profiles`)], [
        { push_token: "token", email_notifications: false, push_notifications: true },
      ]);
    });

    await it(
      "bound what people write, and leave longer values of an app as they are",
      async (sql, _database, notices) => {
        await sql.unsafe(existingApp);
        await sql`alter table profiles add column push_token varchar, add column language varchar(300)`;
        await sql`update profiles set push_token = repeat('x', 5000)`;
        await applyAll(sql);
        ok(notices.includes("public.profiles.push_token has values of more than 4096 bytes"), notices.join("\n"));
        await sql`update profiles set push_token = repeat('x', 5001)`;
        await rejects(sql`update profiles set language = repeat('x', 101)`, /language_is_bounded/);
        await rejects(sql`update profiles set time_zone = repeat('x', 101)`, /time_zone_is_bounded/);
      },
    );

    await it("warn where an app's own grants show push tokens", async (sql, _database, notices) => {
      await sql.unsafe(existingApp);
      await applyAll(sql);
      ok(notices.includes("public.profiles.push_token can be selected by anon, authenticated"), notices.join("\n"));
    });

    await it("do not warn about tokens in tables that they create", async (sql, _database, notices) => {
      await applyAll(sql);
      deepEqual(notices.filter((notice) => notice.includes("push_token")), []);
    });

    await it("take over queues that are in use", async (sql, { url }) => {
      await sql`select pgmq.create('analytics')`;
      await sql`select pgmq.send('analytics', '{"n": 1}')`;
      await migrate(url);
      const [row] = await sql`select claim_messages('analytics') -> 'messages' -> 0 -> 'message' as message`;
      deepEqual(row!.message, { n: 1 });
    });

    await it("notify in the app without Auth, Vault, Realtime and Storage", async (sql, database, notices) => {
      await query(
        database.adminUrl,
        (admin) => admin`drop schema vault, realtime, storage cascade`.then(() => admin`drop table auth.users cascade`),
      );
      await applyAll(sql);
      ok(notices.includes("Vault is missing: emails have no link to unsubscribe"), notices.join("\n"));
      ok(notices.includes("Realtime is missing: notifications are not broadcast"), notices.join("\n"));
      ok(notices.includes("Storage is missing: uploads come by enqueue_image"), notices.join("\n"));
      const [person] = await sql`insert into profiles (username) values ('ann') returning id`;
      await sql`select queues.notify(jsonb_build_array(jsonb_build_object('recipient_id', ${
        person!.id
      }::uuid, 'type', 'new_like',
        'group', 'g', 'at', now(), 'title', 'New like', 'bodies', array['It was liked'], 'data', jsonb_build_object())))`;
      equal((await sql`select from notifications`).count, 1);
      const [known] = await sql`
        select queues.unsubscribe_token(id) as token, unsubscribe(id || '.email.' || repeat('0', 64)) ->> 'code' as code,
          (select count(*)::int from queues.email_addresses(array[id])) as addresses from profiles`;
      deepEqual({ ...known }, { token: null, code: "invalid_token", addresses: 0 });
    });

    await it("use only the columns of pgmq 1.5", async (sql, { url }) => {
      await migrate(url);
      await sql`alter table pgmq.q_like_events drop column headers cascade, drop column last_read_at cascade`;
      await sql`insert into pgmq.q_like_events (vt, message) values (now(), '{"n": 1}')`;
      await sql`select claim_messages('like_events')`;
      const [row] = await sql`select settle_messages('like_events',
        '{"retries": [{"msg_id": 1, "read_ct": 1, "delay_secs": 0, "code": "c", "error": "e"}]}') as settled`;
      equal(row!.settled.applied, true);
    });

    await it("say what to do without pgmq", async (sql, { url }) => {
      await sql`drop schema pgmq cascade`;
      await rejects(migrate(url), (error: Error) => {
        match(error.message, /this database has no pgmq/);
        match((error.cause as { hint: string }).hint, /enable the extension pgmq/);
        return true;
      });
    });

    await it("are what `supabase db push` applies, once", async (sql, { url }) => {
      const folder = await Deno.makeTempDir({ prefix: "queues-push-" });
      try {
        await Deno.mkdir(`${folder}/supabase/migrations`, { recursive: true });
        for (const file of files) await Deno.copyFile(`${MIGRATIONS}/${file}`, `${folder}/supabase/migrations/${file}`);
        const push = () => supabase(folder, ["db", "push", `--remote=${url}`, "--yes"]);
        const first = await push();
        for (const file of files) ok(first.includes(`Applying migration ${file}`), first);
        match(await push(), /up to date/);
        deepEqual(await migrate(url), [], "and they are recorded where ours are");
        await using ours = await server.empty();
        await migrate(ours.url);
        const other = connect(ours.url, { max: 1, onnotice: () => {}, fetch_types: false });
        deepEqual(await fingerprint(sql), await fingerprint(other));
        deepEqual(await recorded(sql), await recorded(other), "by the same statements");
        await other.end();
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  });
}

async function recorded(sql: connect.Sql): Promise<unknown[]> {
  return [
    ...(await sql`
    select version, name, to_jsonb(statements) as statements from supabase_migrations.schema_migrations order by version`),
  ];
}

/** Applies the migrations without `migrate`, which drops their notices. */
async function applyAll(sql: connect.Sql): Promise<void> {
  for (const file of files) await sql.unsafe(await Deno.readTextFile(`${MIGRATIONS}/${file}`));
}

/** What the migrations create: tables, columns, indexes, constraints, policies, functions and grants. */
async function fingerprint(sql: connect.Sql): Promise<unknown[]> {
  return [
    ...(await sql`
    with ours as (select oid from pg_namespace where nspname in ('public', 'queues', 'pgmq'))
    select 'table' as kind, oid::regclass::text as name, concat(relrowsecurity, relacl, reloptions) as detail
    from pg_class where relnamespace in (select oid from ours) and relkind in ('r', 'v', 'i', 'S')
    union all
    select 'column', attrelid::regclass || '.' || attname, concat(format_type(atttypid, atttypmod), attnotnull, attacl)
    from pg_attribute join pg_class c on c.oid = attrelid
    where relnamespace in (select oid from ours) and attnum > 0 and not attisdropped
    union all
    select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace in (select oid from ours)
    union all
    select 'policy', polrelid::regclass || '.' || polname, concat(polcmd, polroles::regrole[], pg_get_expr(polqual, polrelid))
    from pg_policy
    union all
    select 'function', oid::regprocedure::text, md5(concat(pg_get_functiondef(oid), proacl))
    from pg_proc where pronamespace in (select oid from ours) and prokind = 'f'
    union all
    select 'setting', queue, settings::text from queues.settings
    order by 1, 2, 3`),
  ];
}

/** The rows of an app, and its tables without the columns that the migrations add. */
async function appFingerprint(sql: connect.Sql): Promise<unknown[]> {
  const added = "{push_token,email_notifications,push_notifications,language,time_zone,quiet_from,quiet_until}";
  return [
    ...(await sql`
    select 'row' as kind, (to_jsonb(p) - ${added}::text[])::text as detail from profiles p
    union all select 'row', p::text from posts_new p
    union all select 'row', (to_jsonb(r) - 'profile_id')::text from post_ratings r
    union all
    select 'column', concat(attrelid::regclass, '.', attname, ' ', format_type(atttypid, atttypmod), attnotnull, attacl)
    from pg_attribute
    where attrelid in ('profiles'::regclass, 'posts_new'::regclass, 'post_ratings'::regclass) and attnum > 0
      and attname <> all (${added}::text[]) and (attrelid, attname) <> ('post_ratings'::regclass, 'profile_id')
    union all
    select 'table', concat(oid::regclass, relrowsecurity, relacl) from pg_class
    where oid in ('profiles'::regclass, 'posts_new'::regclass, 'post_ratings'::regclass)
    union all
    select 'policy', concat(polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid)) from pg_policy
    where polrelid in ('profiles'::regclass, 'posts_new'::regclass, 'post_ratings'::regclass)
    union all
    select 'constraint', concat(conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
    where conrelid in ('profiles'::regclass, 'posts_new'::regclass, 'post_ratings'::regclass)
      and conname <>
        all ('{push_token_is_bounded,language_is_bounded,time_zone_is_bounded,post_ratings_profile_id_fkey}')
    order by 1, 2`),
  ];
}
