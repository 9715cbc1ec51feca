/** The two functions of the API that the console uses: pages, which change nothing, and actions. */
import type { Client } from "./client.js";
import type { Pages } from "./pages.js";

/** The database gives up after 8 s; a connection that hangs must not take longer than a person waits. */
const TIMEOUT_MS = 20_000;

export class CallError extends Error {
  override name = "CallError";
  constructor(
    message: string,
    /** Of HTTP; 0 if no answer came. */
    readonly status: number,
    /** A stable code, such as `letter_gone`. */
    readonly detail?: string,
    /** What to do. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

async function call(client: Client, name: string, args: object, signal?: AbortSignal): Promise<unknown> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const { data, error, status } = await client.api.rpc(name, args)
    .abortSignal(signal ? AbortSignal.any([signal, limit]) : limit);
  if (error) throw new CallError(error.message, status, error.details ?? undefined, error.hint ?? undefined);
  return data;
}

export async function page<Name extends keyof Pages>(
  client: Client,
  name: Name,
  args: object,
  signal?: AbortSignal,
): Promise<Pages[Name]> {
  return await call(client, "operator_page", { p_page: name, p_arguments: args }, signal) as Pages[Name];
}

export interface Done {
  affected: number;
  dry_run: boolean;
  left?: number;
  /** Of those that match, what a worker has. */
  in_flight?: number;
  visible_until?: string;
  msg_id?: number;
  before?: unknown;
  after?: unknown;
}

export async function operate(client: Client, action: string, args: object, dryRun: boolean): Promise<Done> {
  return await call(client, "operate", { p_action: action, p_arguments: args, p_dry_run: dryRun }) as Done;
}

/** A function of the API for moderators. Their refusals are answers with `success: false`. */
export async function moderate(client: Client, name: string, args: object, signal?: AbortSignal): Promise<unknown> {
  const data = await call(client, name, args, signal);
  const refused = data as { success?: boolean; error?: string; code?: string } | null;
  if (refused?.success === false) throw new CallError(refused.error ?? name, 409, refused.code);
  return data;
}

/** Another try may help: nothing arrived, or the server was busy. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof CallError) || error.status === 0 || error.status >= 500;
}
