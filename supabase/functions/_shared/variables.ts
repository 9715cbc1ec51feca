import type { Variables } from "./core.ts";

/** The environment of a process, as `Deno.env.get` reads it. */
export type Env = (name: string) => string | undefined;

/** The environment as the core reads it: it learns whether a secret is set, never what it is. */
export function variables(env: Env = Deno.env.get): Variables {
  return {
    variable: (name) => env(name),
    isSet: (name) => secret(env, name) !== "",
  };
}

/** Without the newline that a secret has at its end if it was set from a file or a pipe. */
export function secret(env: Env, name: string): string {
  return env(name)?.trim() ?? "";
}
