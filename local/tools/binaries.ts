/** Paths of the installed programs; install.mjs puts them there. */
import { ROOT } from "./paths.ts";

const folder = `${ROOT}/local/node_modules/.bin/`;

export type PostgresVersion = 15 | 17;
/** Hosted Edge Functions are compatible with 2.1.4. */
export type DenoVersion = "2.1.4" | "current";

export const postgrest = (): string => program("postgrest");
export const postgres = (version: PostgresVersion): string => program(`postgres-${version}`);
export const initdb = (version: PostgresVersion): string => program(`initdb-${version}`);
export const deno = (version: DenoVersion): string => program(version === "current" ? "deno" : `deno-${version}`);

function program(name: string): string {
  try {
    return Deno.realPathSync(folder + name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`\`${name}\` is not installed: run \`make local/node_modules/.installed\` in the project's root`);
  }
}
