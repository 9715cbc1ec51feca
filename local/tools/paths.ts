/** Folders of this checkout. Never `new URL(…).pathname`: it is percent-encoded, and a folder may be named `My Apps`. */
import { fileURLToPath } from "node:url";

/** The top folder, without a slash at its end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

export const MIGRATIONS = `${ROOT}/supabase/migrations`;
export const FUNCTIONS = `${ROOT}/supabase/functions`;
