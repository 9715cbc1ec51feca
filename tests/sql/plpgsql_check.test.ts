/** plpgsql_check on every function. */
import { ok } from "node:assert/strict";
import type connect from "postgres";
import { preparePlatform } from "../../local/platform/platform.ts";
import { query } from "../../local/stack/database.ts";
import { migrate } from "../../local/stack/migrate.ts";
import { SUPERUSER } from "../../local/stack/postgres.ts";
import { debianTest } from "./debian_extensions.ts";

/** Accepted findings, and why. */
const exceptions: [finding: RegExp, reason: string][] = [
  [/OUT variable .* cannot to determine result of dynamic SQL/, "the statement depends on the queue's name"],
  [/should be STABLE .* cannot to determine volatility of used dynamic SQL/, "as above"],
  [
    /^queues\.(count_rows|count_letters|redrive)\(.* text type variable is not sanitized/,
    "it takes a condition that functions of ours, its only callers, write with every value quoted",
  ],
  [
    /^queues\.search_box\(.* text type variable is not sanitized/,
    "it chooses among constants of its own by its arguments",
  ],
];

await debianTest("plpgsql_check", async (t, postgres) => {
  await query(postgres.url("postgres", SUPERUSER), (sql) => sql`create extension pg_cron`);
  await preparePlatform(postgres);
  await migrate(postgres.url());
  await query(postgres.url("postgres", SUPERUSER), async (sql) => {
    await sql`create extension plpgsql_check schema extensions`;

    await t.step("finds nothing in any function", async () => {
      const [{ functions }] = await sql`
        select count(*)::int as functions from pg_proc
        where pronamespace in ('queues'::regnamespace, 'public'::regnamespace)` as unknown as [{ functions: number }];
      ok(functions > 30, `${functions} functions`);
      const found = await findings(sql);
      ok(found.length === 0, found.join("\n"));
    });

    await t.step("finds what is wrong", async () => {
      await sql`create function queues.wrong(a integer) returns integer language plpgsql as
        'declare unused integer; begin return (select missing from queues.settings); end'`;
      const found = await findings(sql);
      ok(found.some((finding) => /column "missing" does not exist/.test(finding)), found.join("\n"));
      ok(found.some((finding) => /unused variable "unused"/.test(finding)), found.join("\n"));
    });
  });
});

async function findings(sql: connect.Sql): Promise<string[]> {
  // A trigger function is checked with each of its tables.
  const rows = await sql`
    select concat_ws(' ', p.oid::regprocedure, 'line ' || c.lineno, c.level, c.message, c.detail, c.hint) as finding
    from pg_proc p
    join pg_language l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join pg_trigger t on t.tgfoid = p.oid
    cross join lateral extensions.plpgsql_check_function_tb(
      p.oid, relid => coalesce(t.tgrelid, 0), oldtable => t.tgoldtable, newtable => t.tgnewtable, fatal_errors => false, other_warnings => true, extra_warnings => true,
      performance_warnings => true, security_warnings => true) c
    where p.pronamespace in ('queues'::regnamespace, 'public'::regnamespace)
    order by 1`;
  return rows.map(({ finding }) => finding).filter((finding) => !exceptions.some(([known]) => known.test(finding)));
}
