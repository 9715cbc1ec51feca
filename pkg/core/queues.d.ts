/* tslint:disable */
/* eslint-disable */
/** An HTTP answer. Status 0 stands for no answer; the body is then the error's text, in UTF-8. */
export interface Reply {
    readonly status: number;
    /** The `Retry-After` header. */
    readonly retryAfter?: string;
    /** The `X-RateLimit-Reset` header, or else `RateLimit-Reset`. */
    readonly rateLimitReset?: string;
    /** The provider's id for the message, if a header holds it. */
    readonly messageId?: string;
    /**
     * Set if the request was not made: its secret cannot be used, there was no access token to get, or its body could not
     * be encrypted. The body says why; for a token, it is the answer of the token endpoint.
     */
    readonly stage?: "secret" | "token" | "encryption";
    readonly body: Uint8Array;
}

/** The environment variables of the function. */
export interface Variables {
    /** The value of a variable. The core asks for none that is a secret. */
    variable(name: string): string | undefined;
    /** Whether a variable is set to more than white space. */
    isSet(name: string): boolean;
}

/** The I/O of one run. No method throws: what goes wrong is a reply. */
export interface Host extends Variables {
    /** Calls `claim_messages`; without a limit the queue's batch size holds. `alone` is its `p_alone`. */
    claim(limit: number | undefined, alone: boolean): Promise<Reply>;
    /** Calls `settle_messages` with this JSON. */
    settle(settlement: string): Promise<Reply>;
    /** Calls `heartbeat_run`. Its reply is not read. */
    heartbeat(): Promise<Reply>;
    /** Makes the request of this `Delivery`, or does this `ImageJob`, in JSON. The body of a job's reply is a `Report`. */
    deliver(delivery: string): Promise<Reply>;
    sleep(ms: number): Promise<void>;
    /** A monotonic clock, in milliseconds. */
    now(): number;
    /** CPU time that deliveries have taken in this process, in milliseconds, as far as it is measured. */
    cpuMs(): number;
    /** Memory that deliveries hold until the process ends. */
    memoryBytes(): number;
    /** Whether the process is about to be shut down. */
    isStopping(): boolean;
}

/** What `unsubscribe` needs. */
export interface UnsubscribeHost extends Variables {
    /** Calls `unsubscribe` in the database. Does not throw. */
    unsubscribe(token: string): Promise<Reply>;
}

/** A request to a provider. */
export interface Delivery {
    provider: string;
    /** May hold `{project_id}`, for the project that a service account names. */
    url: string;
    headers: Record<string, string>;
    body: string;
    /** The keys of the browser that the body is to be encrypted for (RFC 8291). */
    encrypt_for?: { p256dh: string; auth: string };
    authorization: Authorization;
    /** For all of it, with the token that it may need. */
    timeout_ms: number;
}

/** Work with pictures in Storage. */
export type ImageJob =
| {
    task: "process";
    /** The upload. */
    bucket: string;
    path: string;
    max_bytes: number;
    options: { location: boolean; serial_number: boolean };
    /** Where variants go. `{sha256}` in the folder stands for the hash of the upload. */
    publish: { bucket: string; folder: string; cache_control: string };
    /** For each request. */
    timeout_ms: number;
}
| { task: "remove"; bucket: string; paths: string[]; timeout_ms: number };

/** What became of a job. */
export type Report =
| { outcome: "done"; picture?: unknown }
| { outcome: "refused"; code: string; error: string }
/** The module cannot be used again. */
| { outcome: "trapped"; error: string; processed_before: number }
/** The answer of Storage; status 0 stands for none. */
| { outcome: "storage"; step: "download" | "publish" | "remove"; status: number; retry_after?: string; body: string };

/** What becomes the `authorization` header. `secret` is the name of an environment variable. */
export type Authorization =
| { scheme: "api_key"; secret: string }
| { scheme: "apns"; secret: string; key_id: string; team_id: string; use_secs: number }
| {
    scheme: "google";
    secret: string;
    scope: string;
    valid_secs: number;
    margin_secs: number;
    timeout_ms: number;
}
| { scheme: "vapid"; secret: string; public_key: string; subject: string; valid_secs: number; use_secs: number };



/**
 * The JSON `{status, body}` for a caller that does not wait for its run; `undefined` if it waits.
 */
export function acceptRun(queue: string, run_id: string, prefer?: string | null): string | undefined;

/**
 * How long to wait for the database.
 */
export function databaseTimeoutMs(): number;

/**
 * Decides one claim without making its deliveries: takes the bytes of the answer of `claim_messages` and
 * returns the JSON for `settle_messages`. Without variables no provider is configured.
 *
 * # Errors
 * Throws an `Error` whose message begins with a stable code: `unknown_queue` or `invalid_claim`.
 */
export function decide(queue: string, claim: Uint8Array | number[], variables?: Variables | null): string;

/**
 * Drains a queue. `prefer` is the `Prefer` header of the request. Answers with the JSON `{status, body, retire?}` and
 * never throws. The status and the body are for the caller of the worker; `retire` is set if this process can do no
 * more work.
 */
export function drain(queue: string, run_id: string, host: Host, prefer?: string | null): Promise<string>;

/**
 * Converts the reply of `queue_metrics` to the JSON `{status, headers, body}` for the collector of the
 * metrics. The body of a success is OpenMetrics text.
 */
export function openMetrics(reply: Reply): string;

/**
 * The JSON `{status, headers, body}` for a request whose method is not allowed; `undefined` if it is.
 */
export function refuseMethod(method: string, allowed: string): string | undefined;

/**
 * Answers a request to unsubscribe with the JSON `{status, headers, body, error?}`, where `error` is for
 * the log. `languages` is the `Accept-Language` header.
 */
export function unsubscribe(method: string, token: string, languages: string, host: UnsubscribeHost): Promise<string>;
