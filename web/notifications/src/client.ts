/** Calls of the project's functions. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "./database.js";

// deno-lint-ignore no-explicit-any
export type Client = SupabaseClient<any>;

type Functions = Database["public"]["Functions"];

/** The database gives up after 8 s; a connection that hangs must not take longer than a person waits. */
const TIMEOUT_MS = 20_000;

export class CallError extends Error {
  constructor(message: string, readonly status: number, readonly code: string | undefined) {
    super(message);
    this.name = "CallError";
  }
}

/** Throws CallError. */
export async function call<Name extends keyof Functions & string>(
  client: Client,
  name: Name,
  args: Functions[Name]["Args"],
  signal?: AbortSignal,
): Promise<Functions[Name]["Returns"]> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const { data, error, status } = await client.rpc(name, args)
    .abortSignal(signal ? AbortSignal.any([signal, limit]) : limit);
  if (error) throw new CallError(error.message, status, error.code);
  return data as Functions[Name]["Returns"];
}

/** Another try may help: nothing arrived, or the server was busy. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof CallError) || error.status === 0 || error.status === 409 || error.status === 429 ||
    error.status >= 500;
}
