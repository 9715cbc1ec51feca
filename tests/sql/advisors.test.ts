/** Supabase's database linter, as the dashboard runs it, on migrated databases of a new and an older project. */
import { deepEqual, ok } from "node:assert/strict";
import { query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { supabaseJson } from "../../local/tools/supabase-cli.ts";
import { oldDefaultPrivileges } from "../../tools/migration/databases.ts";
import { startServer, versions } from "./servers.ts";

/** Accepted findings, and why. */
const exceptions: Record<string, string> = {
  unused_index: "in a database that has just been made nothing has been used",
};

/** What clients can reach by the linter rules of the dashboard that this CLI does not have yet, and why. */
const reachable: [rule: string, object: string, reason: string][] = [
  ["0026", "public.comments", "everyone sees approved comments: by column, without the evidence"],
  ["0026", "public.post_images", "everyone sees pictures with their post: by column, without the name of the upload"],
  ["0026", "public.posts_new", "people who have not signed in see posts"],
  ["0026", "public.profiles", "and who made them: by column, without what is private"],
  ["0026", "queues.trending_hours", "public.trending_posts reads it as its caller; the schema is not exposed"],
  ["0026", "queues.trending_ranks", "as above"],
  ["0026", "queues.trending_settings", "as above"],
  ["0027", "public.comments", "people see approved comments and their own: by column"],
  ["0027", "public.devices", "people see their own: by column, without the tokens"],
  ["0027", "public.notifications", "people read their own"],
  ["0027", "public.post_image_secrets", "people read their own"],
  ["0027", "public.post_images", "as above, and their own"],
  ["0027", "public.posts_new", "as above"],
  ["0027", "public.profiles", "as above"],
  ["0027", "queues.trending_hours", "as above"],
  ["0027", "queues.trending_ranks", "as above"],
  ["0027", "queues.trending_settings", "as above"],
  ["0028", "queues.has_muted", "says whom the caller has muted, for list_comments; its schema is not exposed"],
  ["0028", "queues.is_apart_from", "says whom the caller is apart from, for a policy; its schema is not exposed"],
  ["0028", "queues.is_moderator", "says what the caller is, for a policy; its schema is not exposed"],
  ["0028", "queues.is_own_post", "says who owns a post, for a policy; everyone sees that"],
  ["0028", "queues.own_details", "of the caller's own comments alone"],
  ["0028", "queues.toggle_post_like", "anyone may like a post; it checks its input, and its schema is not exposed"],
  ["0028", "queues.track_events", "anyone may send the events that its owner allows; it checks its input"],
  ["0028", "queues.unsubscribe", "nobody signs in to unsubscribe: the token is the authority"],
  ["0029", "queues.appeal_comment", "of the caller's own comment"],
  ["0029", "queues.approve_comment", "moderators alone, whose role it reads"],
  ["0029", "queues.approve_image", "as above"],
  ["0029", "queues.ban_person", "as above"],
  ["0029", "queues.block_person", "for the caller alone"],
  ["0029", "queues.close_post_review", "moderators alone"],
  ["0029", "queues.delete_comment", "the caller's own, or on their post"],
  ["0029", "queues.edit_comment", "the caller's own"],
  ["0029", "queues.enqueue_image", "for uploads in a folder of the caller"],
  ["0029", "queues.has_muted", "as above"],
  ["0029", "queues.is_apart_from", "as above"],
  ["0029", "queues.is_failed_upload", "says what operators may read, for a policy; its schema is not exposed"],
  ["0029", "queues.is_moderator", "as above"],
  ["0029", "queues.is_own_post", "as above"],
  ["0029", "queues.list_hidden_people", "the caller's own"],
  ["0029", "queues.list_reviews", "moderators alone"],
  ["0029", "queues.mark_all_notifications_read", "those of the caller alone, who cannot choose the time"],
  ["0029", "queues.mark_notifications_read", "as above"],
  ["0029", "queues.mute_person", "for the caller alone"],
  [
    "0029",
    "queues.notification_preferences",
    "people read their own, whose columns they cannot select; its schema is not exposed",
  ],
  ["0029", "queues.operate", "operators alone, whose role it reads"],
  ["0029", "queues.operator_page", "as above"],
  ["0029", "queues.own_details", "of the caller's own comments alone"],
  ["0029", "queues.post_comment", "signed-in people comment; it checks and limits its input"],
  ["0029", "queues.register_device", "for the caller alone, and checked: nobody writes the table"],
  ["0029", "queues.reject_comment", "moderators alone"],
  ["0029", "queues.reject_image", "as above"],
  ["0029", "queues.report_comment", "people report; it checks and limits its input"],
  ["0029", "queues.report_post", "as above"],
  ["0029", "queues.set_notification_preferences", "for the caller alone, and checked"],
  ["0029", "queues.toggle_post_like", "as above"],
  ["0029", "queues.track_events", "as above"],
  ["0029", "queues.unblock_person", "for the caller alone"],
  ["0029", "queues.unmute_person", "for the caller alone"],
  ["0029", "queues.unregister_device", "of the caller alone"],
  ["0029", "queues.unsubscribe", "as above"],
  ["0029", "queues.uploads_bucket", "names a bucket, for policies"],
];

interface Finding {
  name: string;
  level: string;
  detail: string;
}

for (const version of versions) {
  Deno.test(`postgres ${version}: Supabase's linter`, async (t) => {
    await using server = await startServer(version);

    for (const [project, defaultPrivileges] of [["a new", ""], ["an older", oldDefaultPrivileges]] as const) {
      await t.step(`finds nothing in ${project} project`, async () => {
        await using database = await server.empty();
        await query(database.adminUrl, (sql) => sql.unsafe(defaultPrivileges));
        await migrate(database.url);
        deepEqual((await lint(database.url)).filter(({ name }) => !(name in exceptions)), []);
        const reached = await query(database.url, (sql) => sql.unsafe(reachableSql).values());
        deepEqual([...reached], reachable.map(([rule, object]) => [rule, object]));
      });
    }

    await t.step("finds what is wrong", async () => {
      await using database = await server.empty();
      await migrate(database.url);
      await query(database.url, (sql) => sql.unsafe(mistakes));
      const found = new Set((await lint(database.url)).map(({ name }) => name));
      for (const name of expected) ok(found.has(name), `${name} is not among ${[...found].join(", ")}`);
    });
  });
}

async function lint(url: string): Promise<Finding[]> {
  const folder = await Deno.makeTempDir({ prefix: "queues-lint-" });
  try {
    await Deno.mkdir(`${folder}/supabase`);
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, 'project_id = "lint"\n');
    const args = ["db", "advisors", `--remote=${url}`, "--type=all", "--level=info", "--fail-on=none"];
    const { results } = await supabaseJson(folder, args) as { results: Finding[] };
    return results.map(({ name, level, detail }) => ({ name, level, detail }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** 0026 and 0027: relations with a column that a client's role reads. 0028 and 0029: definer functions that it calls. */
const reachableSql = `
  select rule, n.nspname || '.' || object
  from (values ('anon', '0026', '0028'), ('authenticated', '0027', '0029')) r (role, relation_rule, function_rule),
    lateral (
      select relation_rule, relname, relnamespace from pg_class
      where relkind in ('r', 'p', 'v', 'm') and has_any_column_privilege(role, oid, 'select')
      union all
      select function_rule, proname, pronamespace from pg_proc
      where prosecdef and has_function_privilege(role, oid, 'execute')
    ) o (rule, object, namespace)
    join pg_namespace n on n.oid = namespace
  where n.nspname in ('public', 'queues')
  order by 1, 2`;

const expected = [
  "unindexed_foreign_keys",
  "auth_rls_initplan",
  "multiple_permissive_policies",
  "policy_exists_rls_disabled",
  "rls_enabled_no_policy",
  "security_definer_view",
  "function_search_path_mutable",
  "rls_disabled_in_public",
  "rls_policy_always_true",
];
const mistakes = `
  create table public.open (id int primary key, other int references public.open (id));
  grant all on public.open to anon, authenticated;
  create policy p on public.open using (true);
  create table public.closed (id int primary key);
  alter table public.closed enable row level security;
  grant all on public.closed to anon, authenticated;
  create table public.slow (id uuid primary key);
  alter table public.slow enable row level security;
  create policy p on public.slow using (id = auth.uid());
  create policy q on public.slow using (true);
  create view public.seen as select * from queues.settings;
  grant select on public.seen to anon;
  create function public.f() returns int language sql as 'select 1';
`;
