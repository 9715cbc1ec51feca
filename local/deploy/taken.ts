/**
 * What an app has already under names that the migrations use. A table, a type or a schema of that name is refused. What
 * an app made that did the same work before (functions called alike, queues, jobs that call the workers) is taken over, if
 * TAKE_OVER=1 says so: the functions are replaced, the jobs unscheduled, and the messages handled or dead-lettered.
 */
import type connect from "postgres";
import { migrationFiles } from "../stack/migrate.ts";
import { pendingMigrations } from "./migrations.ts";
import type { Problem } from "./problem.ts";

/** What a takeover removes. */
export interface Predecessors {
  /** With their arguments, as `drop routine` wants them: procedures and aggregates are among them. */
  functions: string[];
  /** By name; a job without one by its number. */
  jobs: { id: string; name: string }[];
  queues: { name: string; messages: number }[];
}

export async function takenNames(sql: connect.Sql, folder: string): Promise<Problem[]> {
  const text = await pendingText(sql, folder);
  const among = (pattern: RegExp) => anyOf(sql, names(text, pattern));
  const taken = await sql<{ kind: string; name: string }[]>`
    select 'schema' as kind, nspname as name from pg_namespace where nspname = ${among(/^create schema "?(\w+)"?/gm)}
    union all
    select case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'i' then 'index'
      else 'table' end, relname
    from pg_class
    where relnamespace = 'public'::regnamespace and relname = ${among(/^create table "?public"?\."?(\w+)"?/gm)}
    union all
    select 'type', typname from pg_type
    where typnamespace = 'public'::regnamespace and typrelid = 0
      and typname = ${among(/^create (?:type|table|domain) "?public"?\."?(\w+)"?/gm)}`;
  // A table that is renamed keeps the names of its indexes, those of its keys among them.
  const indexes = await sql<{ name: string; table: string }[]>`
    select c.relname as name, t.relname as table
    from pg_class c join pg_index i on i.indexrelid = c.oid join pg_class t on t.oid = i.indrelid
    where c.relnamespace = 'public'::regnamespace and c.relname = ${anyOf(sql, indexNames(text))}
    order by 1`;
  const rename = (kind: string, name: string) =>
    `alter ${kind} ${kind === "schema" ? "" : "public."}${name} rename to app_${name};`;
  return [
    ...taken.map(({ kind, name }) => ({
      what: `the ${kind} \`${name}\` exists, and the migrations create ${
        kind === "schema" ? "a schema" : "a table"
      } of that name`,
      remedy: ["rename it:", rename(kind, name)]
        .concat(
          indexes.filter(({ table }) => kind === "table" && table === name).map(({ name }) => rename("index", name)),
        )
        .join(" "),
    })),
    ...indexes.filter(({ table }) => !taken.some(({ kind, name }) => kind === "table" && name === table))
      .map(({ name, table }) => ({
        what: `the index \`${name}\` of ${table} exists, and the migrations create one of that name`,
        remedy: `rename it: ${rename("index", name)}`,
      })),
  ];
}

/** The indexes that the migrations create in public, for keys too. */
function indexNames(text: string): string[] {
  const tables = [...text.matchAll(/^create table "?public"?\.[^]*?^\);/gm)].map(([table]) => table);
  return [
    ...names(text, /^create (?:unique )?index "?(\w+)"? on "?public"?\./gm),
    ...names(tables.join("\n"), /^ *constraint "?(\w+)"? (?:primary key|unique)/gm),
  ];
}

export async function predecessors(sql: connect.Sql, folder: string): Promise<Predecessors> {
  const text = await pendingText(sql, folder);
  const functions = await sql<{ name: string }[]>`
    select format('public.%I(%s)', proname, pg_get_function_identity_arguments(oid)) as name from pg_proc
    where pronamespace = 'public'::regnamespace
      and proname = ${anyOf(sql, names(text, /^create (?:or replace )?function "?public"?\."?(\w+)"?/gm))}
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
    order by 1`;
  const created = queuesIn(text);
  const [pgmq] = await sql`select to_regclass('pgmq.meta') is not null as installed`;
  const queues = pgmq!.installed && created.length > 0
    ? await sql<{ name: string }[]>`select queue_name as name from pgmq.meta where queue_name = ${anyOf(sql, created)}`
    : [];
  return {
    functions: functions.map(({ name }) => name),
    jobs: await jobs(sql, folder),
    queues: await counted(sql, queues),
  };
}

/** The jobs of the app that call our workers or read our queues. */
async function jobs(sql: connect.Sql, folder: string): Promise<Predecessors["jobs"]> {
  const [cron] = await sql`select to_regclass('cron.job') is not null as installed`;
  if (!cron!.installed) return [];
  const functions = [...Deno.readDirSync(`${folder}/supabase/functions`)].map(({ name }) => name)
    .filter((name) => name.startsWith("process-"));
  const queues = ourQueues(folder);
  return await sql<Predecessors["jobs"]>`
    select jobid as id, coalesce(jobname, jobid::text) as name from cron.job
    where database = current_database() and (
      command ~ ${`/functions/v1/(${functions.join("|")})\\M`}
      or command ~ ${`pgmq\\.(read|read_with_poll|pop|set_vt|archive|delete)\\s*\\(\\s*'(${queues.join("|")})'`})
    order by jobid`;
}

/** Every queue that the migrations make, applied or not. */
function ourQueues(folder: string): string[] {
  const migrations = `${folder}/supabase/migrations`;
  return migrationFiles(migrations).flatMap((file) => queuesIn(Deno.readTextFileSync(`${migrations}/${file}`)));
}

function queuesIn(text: string): string[] {
  return names(text, /queues\.create_queue\('(\w+)'\)/g);
}

async function counted(sql: connect.Sql, queues: { name: string }[]): Promise<Predecessors["queues"]> {
  return await Promise.all(queues.map(async ({ name }) => {
    const [row] = await sql`select count(*)::int as messages from ${sql(`pgmq.q_${name}`)}`;
    return { name, messages: row!.messages };
  }));
}

/** Says what would be taken over. */
export function predecessorProblems({ functions, jobs, queues }: Predecessors): Problem[] {
  const ask = "if it is an earlier version of the same work, TAKE_OVER=1 ";
  return [
    ...functions.map((name) => ({
      what: `the function ${name} exists, and PostgREST could not tell it from ours`,
      remedy: `${ask}drops it; else rename it`,
    })),
    ...jobs.map(({ name }) => ({
      what: `the cron job ${name} calls a worker or reads a queue that the dispatcher is to call and read`,
      remedy: `${ask}unschedules it; or: select cron.unschedule('${name}');`,
    })),
    ...queues.map(({ name, messages }) => ({
      what: `the queue ${name} exists, with ${messages} messages`,
      remedy:
        `${ask}has the workers handle them, or dead-letter with a reason what they cannot read; else rename the ` +
        "queue of the app",
    })),
  ];
}

/** Removes what the migrations replace, in the caller's transaction. */
export async function remove(sql: connect.TransactionSql, { functions, jobs }: Predecessors): Promise<void> {
  for (const { id } of jobs) await sql`select cron.unschedule(${id}::bigint)`;
  for (const name of functions) await sql.unsafe(`drop routine ${name}`);
}

/** Returns a summary. */
export async function takeOver(sql: connect.Sql, folder: string): Promise<string> {
  const found = await predecessors(sql, folder);
  await sql.begin((sql) => remove(sql, found));
  const { functions, jobs, queues } = found;
  const said = [...functions, ...jobs.map(({ name }) => `job ${name}`), ...queues.map(({ name }) => `queue ${name}`)];
  return said.join(", ") || "nothing to take over";
}

async function pendingText(sql: connect.Sql, folder: string): Promise<string> {
  return (await pendingMigrations(sql, folder)).map(({ text }) => text).join("\n");
}

/** Without the types of the database, the driver knows no arrays. */
function anyOf(sql: connect.Sql, names: string[]) {
  return sql`any(array(select jsonb_array_elements_text(${sql.json(names)})))`;
}

function names(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]!))];
}
