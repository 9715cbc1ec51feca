import type connect from "postgres";
import type { Problem } from "./problem.ts";

/** The required extensions. Each is detected by a function, since pgmq may be installed as plain SQL. */
const needed = [
  { name: "pgmq", least: "1.5", has: "pgmq.archive(text, bigint[])", where: "Integrations, Queues" },
  { name: "pg_cron", least: "1.4", has: "cron.schedule(text, text, text)", where: "Integrations, Cron" },
  {
    name: "pg_net",
    least: "0.7",
    has: "net.http_post(text, jsonb, jsonb, jsonb, integer)",
    where: "Database, Extensions",
  },
  {
    name: "supabase_vault",
    least: "0.2",
    has: "vault.create_secret(text, text, text, uuid)",
    where: "Integrations, Vault",
  },
];

/** Extensions that are missing or too old. The migrations enable available ones. */
export async function extensionProblems(sql: connect.Sql): Promise<Problem[]> {
  const rows = await sql<{ name: string; installed: string | null; available: string | null; there: boolean }[]>`
    select n.name, e.installed_version as installed, e.default_version as available,
      to_regprocedure(n.has) is not null
      -- Older versions of Vault have no key in the signature.
      or n.name = 'supabase_vault' and to_regprocedure('vault.create_secret(text, text, text)') is not null as there
    from jsonb_to_recordset(${sql.json(needed)}) as n (name text, has text)
    left join pg_available_extensions e on e.name = n.name`;
  return needed.flatMap(({ name, least, where }): Problem[] => {
    const { installed, available, there } = rows.find((row) => row.name === name)!;
    const version = installed ?? available;
    if (version && olderThan(version, least)) {
      return [{
        what: `the extension ${name} is ${version}, but ${least} is required`,
        remedy: installed && available && !olderThan(available, least)
          ? `alter extension ${name} update;`
          : "upgrade the project's Postgres (dashboard: Settings, Infrastructure)",
      }];
    }
    if (there || !installed && available) return [];
    return [{
      what: `the extension ${name} is missing`,
      remedy: `enable it (dashboard: ${where}), or upgrade the project if it is not listed there`,
    }];
  });
}

function olderThan(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split(".").map(Number)) as [number[], number[]];
  return a[0]! < b[0]! || a[0] === b[0] && (a[1] ?? 0) < (b[1] ?? 0);
}
