/** The project to deploy to, read from the environment, so that no secret is an argument. */
import { type Problem, refuse, Refused } from "./problem.ts";

export interface Project {
  ref: string;
  url: string;
  databaseUrl: string;
  /** Undefined to keep the one in Vault. */
  secretKey?: string;
}

type Env = Record<string, string | undefined>;

/** `linkedRef` is the project that the CLI is linked to, if any. */
export async function readProject(env: Env, linkedRef?: string): Promise<Project> {
  const ref = env.PROJECT_REF || linkedRef;
  if (!ref || !/^[a-z]{20}$/.test(ref)) {
    refuse(
      ref ? `\`${ref}\` is not a project ref` : "the project is not set",
      "make deploy PROJECT_REF=<ref>: the 20 letters of the project's address in the dashboard",
    );
  }
  const url = (env.SUPABASE_URL || `https://${ref}.supabase.co`).replace(/\/+$/, "");
  const problems = [
    accessTokenProblem(env.SUPABASE_ACCESS_TOKEN),
    otherProject("SUPABASE_URL", url, ref),
    localAddress("SUPABASE_URL", env),
    localAddress("DATABASE_URL", env),
  ].filter((problem) => problem !== undefined);
  if (!env.DATABASE_URL && !env.SUPABASE_DB_PASSWORD) {
    problems.push({
      what: "the password of the database is not set",
      remedy: "set SUPABASE_DB_PASSWORD, or DATABASE_URL to the session pooler's string (dashboard: Connect). " +
        "Reset a lost password under Database, Settings.",
    });
  }
  if (env.DATABASE_URL && !URL.canParse(env.DATABASE_URL)) {
    problems.push({
      what: "DATABASE_URL is not a URL",
      remedy: "its form is postgresql://user:password@host:5432/postgres, with special characters percent-encoded",
    });
  }
  if (problems.length) throw new Refused(problems);

  const databaseUrl = env.DATABASE_URL || await poolerUrl(ref, env);
  const problem = otherProject("DATABASE_URL", databaseUrl, ref);
  if (problem) throw new Refused([problem]);
  return { ref, url, databaseUrl, secretKey: env.SUPABASE_SECRET_KEY || undefined };
}

function accessTokenProblem(token: string | undefined): Problem | undefined {
  if (token?.startsWith("sbp_")) return undefined;
  return {
    what: token ? "SUPABASE_ACCESS_TOKEN is not an access token" : "SUPABASE_ACCESS_TOKEN is not set",
    remedy: "create one at https://supabase.com/dashboard/account/tokens; it starts with sbp_",
  };
}

/** The environment may still contain a value of another project. */
function otherProject(name: string, value: string, ref: string): Problem | undefined {
  const named = /(?:db\.|\/\/|postgres\.)([a-z]{20})(?=[.:@])/.exec(value)?.[1];
  if (!named || named === ref) return undefined;
  return {
    what: `${name} belongs to the project ${named}, not to ${ref}`,
    remedy: `unset ${name}, or set it to the value of ${ref}`,
  };
}

/** The environment may be that of the local stack (.env.local), and a deploy would mix it with the project. */
function localAddress(name: "SUPABASE_URL" | "DATABASE_URL", env: Env): Problem | undefined {
  const value = env[name];
  if (!value || !URL.canParse(value) || env.DEPLOY_TO_LOOPBACK === "1") return undefined;
  if (!isLoopback(new URL(value).hostname)) return undefined;
  return {
    what: `${name} is an address of this machine, not of the project`,
    remedy: `unset ${name}, which comes from .env.local if that is loaded. To deploy to a stack on this machine, set ` +
      "DEPLOY_TO_LOOPBACK=1",
  };
}

/** Whether a URL's host is this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase();
  return /^(localhost|.*\.localhost|host\.docker\.internal|127(\.\d+){3}|0\.0\.0\.0|::1?|::ffff:7f.*)$/.test(name);
}

interface Pooler {
  database_type: string;
  pool_mode: string;
  db_host: string;
  db_port: number;
  db_user: string;
  db_name: string;
}

/** The direct address is IPv6 only; the pooler is not. */
async function poolerUrl(ref: string, env: Env): Promise<string> {
  const response = await fetch(`${await apiUrl(env.SUPABASE_PROFILE)}/v1/projects/${ref}/config/database/pooler`, {
    headers: { authorization: `Bearer ${env.SUPABASE_ACCESS_TOKEN}` },
  });
  const body = await response.text();
  const poolers = response.ok ? JSON.parse(body) as Pooler[] : [];
  const primary = poolers.find((pooler) => pooler.database_type === "PRIMARY");
  if (!primary) {
    refuse(
      `cannot look up the address of the database (HTTP ${response.status})`,
      "check that SUPABASE_ACCESS_TOKEN is valid and may read this project, or set DATABASE_URL (dashboard: Connect)",
    );
  }
  const url = new URL("postgresql://localhost");
  url.hostname = primary.db_host;
  // Migrations need a session; the other port pools transactions.
  url.port = `${primary.pool_mode === "session" ? primary.db_port : 5432}`;
  url.username = encodeURIComponent(primary.db_user);
  url.password = encodeURIComponent(env.SUPABASE_DB_PASSWORD ?? "");
  url.pathname = `/${primary.db_name}`;
  return url.href;
}

/** A profile of the CLI, a file with the addresses of a platform, may name another API. */
async function apiUrl(profile: string | undefined): Promise<string> {
  const named = profile?.endsWith(".yaml") && /^api_url: *(\S+)/m.exec(await Deno.readTextFile(profile))?.[1];
  return named || "https://api.supabase.com";
}
