/** What the dispatcher reads from Vault: the project's URL, and the key for the workers. */
import type connect from "postgres";
import type { Problem } from "./problem.ts";
import type { Project } from "./project.ts";

/** Reads a secret from Vault. */
export async function knownSecret(sql: connect.Sql, name: string): Promise<string | undefined> {
  const [vault] = await sql`select to_regclass('vault.decrypted_secrets') is not null as exists`;
  if (!vault!.exists) return undefined;
  const [row] = await sql`select decrypted_secret from vault.decrypted_secrets where name = ${name}`;
  return row?.decrypted_secret ?? undefined;
}

/** Describes a wrong key by its kind, never by its text. */
export function keyProblem(key: string | undefined): Problem | undefined {
  const remedy = "create a secret key for the queues (dashboard: Settings, API keys, Secret keys) " +
    "and set SUPABASE_SECRET_KEY to it; it starts with sb_secret_";
  if (!key) {
    return { what: "no secret key: SUPABASE_SECRET_KEY is not set, and Vault has no `queues_secret_key`", remedy };
  }
  if (/^sb_secret_[\w-]+$/.test(key)) return undefined;
  if (key.startsWith("sb_publishable_")) {
    return { what: "the key is a publishable one, which may not call the workers", remedy };
  }
  if (key.startsWith("eyJ")) {
    return { what: "the key is a legacy one (a JWT, anon or service_role), which the workers do not accept", remedy };
  }
  return { what: "the key is not a secret key of Supabase", remedy };
}

/** Stores what is missing or has changed. Values are parameters, so that no statement's text contains them. */
export async function storeSecrets(sql: connect.Sql, project: Project): Promise<string> {
  const wanted = { queues_project_url: project.url, queues_secret_key: project.secretKey };
  const done: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    const known = await knownSecret(sql, name);
    if (value === undefined || known === value) {
      done.push(`${name} kept`);
    } else if (known === undefined) {
      await sql`select vault.create_secret(${value}, ${name}, 'Read by queues.dispatch()')`;
      done.push(`${name} stored`);
    } else {
      await sql`select vault.update_secret(id, ${value}) from vault.secrets where name = ${name}`;
      done.push(`${name} changed`);
    }
  }
  return done.join(", ");
}
