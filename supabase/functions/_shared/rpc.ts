import type { Reply } from "./core.ts";
import { post } from "./http.ts";

/** The database ends a statement after 8 s; soon after, an answer has come or never will. */
const TIMEOUT_MS = 10_000;

/** The SQL functions of the queues, called through PostgREST with the key that called the worker. */
export class Rpc {
  constructor(private readonly queue: string, private readonly runId: string, private readonly key: string) {}

  claim(limit?: number): Promise<Reply> {
    return this.call("claim_messages", JSON.stringify({ p_queue: this.queue, p_limit: limit, p_run: this.runId }));
  }

  settle(settlement: string): Promise<Reply> {
    // With its keys named, PostgREST passes the body on as it is, instead of parsing it to find them.
    const name = "settle_messages?columns=p_queue,p_settlement";
    return this.call(name, `{"p_queue":${JSON.stringify(this.queue)},"p_settlement":${settlement}}`);
  }

  private call(name: string, body: string): Promise<Reply> {
    return post(`${Deno.env.get("SUPABASE_URL")}/rest/v1/rpc/${name}`, { apikey: this.key }, body, TIMEOUT_MS);
  }
}
