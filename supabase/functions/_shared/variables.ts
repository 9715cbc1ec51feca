import type { Variables } from "./core.ts";

/** The environment of a process, as `Deno.env.get` reads it. */
export type Env = (name: string) => string | undefined;

/** The environment for the core, which learns whether a secret is set but never its value. */
export function variables(env: Env = Deno.env.get): Variables {
  return {
    variable: (name) => env(name),
    isSet: (name) => secret(env, name) !== "",
  };
}

/** Trims the secret: one that was set from a file or a pipe ends with a newline. */
export function secret(env: Env, name: string): string {
  return env(name)?.trim() ?? "";
}
