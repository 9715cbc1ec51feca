/** The one import of the decision core. Each function's deno.json maps the name to the built package. */
import type { Host as CoreHost, Reply as CoreReply } from "suplatzigram-queues/suplatzigram_queues.js";

export { drain, openMetrics } from "suplatzigram-queues/suplatzigram_queues.js";

export interface Reply extends CoreReply {
  /** The `X-RateLimit-Reset` header, or else `RateLimit-Reset`. */
  readonly rateLimitReset?: string;
  /** What the provider calls the message, where a header says it. */
  readonly messageId?: string;
  /** Set where this is the answer to getting an access token, and the request itself was not made. */
  readonly stage?: "auth";
}

export interface Host extends CoreHost {
  /** What is configured, as JSON. */
  environment(): string;
}
