import type { SupabaseContext } from "@supabase/server";
import { databaseTimeoutMs, type Reply } from "./core.ts";
import { post, reply } from "./http.ts";

/** The SQL functions of one run, called through PostgREST with the key that called the worker. */
export class Rpc {
  constructor(
    private readonly queue: string,
    private readonly runId: string,
    private readonly key: string,
    private readonly needsPlace: boolean,
  ) {}

  claim(limit: number | undefined, alone: boolean): Promise<Reply> {
    const args = {
      p_queue: this.queue,
      p_limit: limit,
      p_run: this.runId,
      p_alone: alone,
      p_needs_place: this.needsPlace,
    };
    return call(this.key, "claim_messages", JSON.stringify(args));
  }

  heartbeat(): Promise<Reply> {
    return call(this.key, "heartbeat_run", JSON.stringify({ p_queue: this.queue, p_run: this.runId }));
  }

  async settle(settlement: string): Promise<Reply> {
    // With `columns`, PostgREST passes the body on without parsing it.
    const name = "settle_messages?columns=p_queue,p_settlement";
    const body = `{"p_queue":${JSON.stringify(this.queue)},"p_settlement":${settlement}}`;
    const settled = await call(this.key, name, body);
    if (settled.status === 200) this.logFailed(new TextDecoder().decode(settled.body));
    return settled;
  }

  /** Logs the messages that failed with the correlation ids of their requests. */
  private logFailed(answer: string): void {
    let failed: unknown;
    try {
      failed = JSON.parse(answer).failed;
    } catch {
      // The core reads the answer, too, and ends the run with the error.
    }
    if (failed) console.warn(JSON.stringify({ queue: this.queue, runId: this.runId, failed }));
  }
}

/** The metrics of all queues. */
export function queueMetrics(key: string): Promise<Reply> {
  return call(key, "queue_metrics", "{}");
}

/** Turns off the emails to the person whom the token names. Needs no key. */
export async function unsubscribe(supabase: SupabaseContext["supabase"], token: string): Promise<Reply> {
  const { status, data, error } = await supabase.rpc("unsubscribe", { p_token: token })
    .abortSignal(AbortSignal.timeout(databaseTimeoutMs()));
  return reply(status, JSON.stringify(error ?? data));
}

function call(key: string, name: string, body: string): Promise<Reply> {
  return post(`${Deno.env.get("SUPABASE_URL")}/rest/v1/rpc/${name}`, { apikey: key }, body, databaseTimeoutMs());
}
