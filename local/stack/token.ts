/** `make token USER=ana`: signs a person of `make dev` in and prints the token. Reads ENV_FILE (.env.local). */
import { createClient } from "@supabase/supabase-js";
import { ROOT } from "../tools/paths.ts";
import { envFileValues } from "./env-file.ts";
import { PASSWORD, people } from "./people.ts";

const [name] = Deno.args;
const person = people.find((person) => person.name === name || person.email === name);
if (!person) fail(`USER must be one of ${people.map(({ name }) => name).join(", ")}, not \`${name}\``);
const { SUPABASE_URL: url, SUPABASE_PUBLISHABLE_KEY: key } = await envFileValues(
  Deno.env.get("ENV_FILE") || `${ROOT}/.env.local`,
);
if (!url || !key) fail("the stack has not been started here: run `make dev` in another terminal");
const { data, error } = await createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } })
  .auth.signInWithPassword({ email: person.email, password: PASSWORD });
if (error) fail(`${url} did not sign ${person.name} in: ${error.message}; is \`make dev\` running?`);
console.log(data.session.access_token);

function fail(problem: string): never {
  console.error(`error: ${problem}`);
  Deno.exit(1);
}
