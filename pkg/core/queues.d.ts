/* tslint:disable */
/* eslint-disable */

/** An HTTP answer. Status 0 stands for no answer; the body is then the error's text, in UTF-8. */
export interface Reply {
    readonly status: number;
    /** The `Retry-After` header. */
    readonly retryAfter?: string;
    /** The `X-RateLimit-Reset` header, or else `RateLimit-Reset`. */
    readonly rateLimitReset?: string;
    /** What the provider calls the message, where a header says it. */
    readonly messageId?: string;
    /** Set where this is the answer to getting an access token, and the request itself was not made. */
    readonly stage?: "auth";
    readonly body: Uint8Array;
}

/** The I/O of one run. No method throws: what goes wrong is a reply. */
export interface Host {
    /** Calls `claim_messages`; without a limit the queue's batch size holds. */
    claim(limit?: number): Promise<Reply>;
    /** Calls `settle_messages` with this JSON. */
    settle(settlement: string): Promise<Reply>;
    /** Makes the request `{provider, key, headers, body, token?, subscription?}`. */
    deliver(delivery: string): Promise<Reply>;
    sleep(ms: number): Promise<void>;
    /** A monotonic clock, in milliseconds. */
    now(): number;
    /** Whether the process is about to be shut down. */
    isStopping(): boolean;
    /**
     * What deliveries can rely on: JSON `{providers, email_provider, email_from, app_url, unsubscribe_url,
     * web_push_hosts}`.
     */
    environment(): string;
}



/**
 * Decides upon one claim: the bytes of `claim_messages`' answer in, the JSON for
 * `settle_messages` out. Deliveries are not made; `drain` does that. The environment is that of
 * `Host.environment`.
 *
 * # Errors
 * Throws an `Error` whose message begins with a stable code: `unknown_queue`, `invalid_claim` or
 * `invalid_environment`.
 */
export function decide(queue: string, claim: Uint8Array | number[], environment?: string | null): string;

/**
 * Drains a queue within the limits (by default those of the free plan). If nobody awaits the answer,
 * it stays for a moment after the queue is empty. Answers the JSON `{status, body}` for the worker's
 * caller and never throws.
 */
export function drain(queue: string, run_id: string, host: Host, is_awaited: boolean, wall_ms?: number | null, cpu_ms?: number | null): Promise<string>;

/**
 * Turns the reply of `queue_metrics` into the JSON `{status, body}` for whoever collects the
 * numbers; the body of a success is OpenMetrics text.
 */
export function openMetrics(reply: Reply): string;
