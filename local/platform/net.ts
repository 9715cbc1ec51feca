/**
 * Sends the requests of net.http_request_queue as pg_net 0.20 does: in batches of 200, one after the other, without
 * retries. A batch is one transaction: its requests leave the queue, and their responses appear in net._http_response,
 * when the slowest of them has ended. Nothing else is sent meanwhile. Only where the extension is missing.
 */
import type connect from "postgres";
import type { Log } from "../stack/log.ts";
import { Loop } from "./loop.ts";
import { transaction } from "./transaction.ts";

const BATCH = 200;
/** A notification is lost while the worker reconnects. */
const TICK_MS = 1_000;

interface Request {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array | null;
  timeout: number;
}

interface Response {
  id: string;
  status_code: number | null;
  content_type: string | null;
  headers: Record<string, string> | null;
  content: string | null;
  timed_out: boolean | null;
  error_msg: string | null;
}

export class NetWorker {
  #loop: Loop;
  #stopping = new AbortController();

  constructor(adminUrl: string, log: Log) {
    this.#loop = new Loop("net", TICK_MS, adminUrl, log, (sql) => this.#tick(sql), "pg_net", "pg_net 0.20.0");
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#loop.start();
  }

  /** A batch under way is rolled back and sent again after the next start, as when the extension's worker ends. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Stopped());
    await this.#loop.stop();
  }

  async #tick(sql: connect.Sql): Promise<void> {
    const stopping = this.#stopping.signal;
    while (!stopping.aborted && await transaction(sql, (sql) => sendBatch(sql, stopping)).catch(unlessStopped)) {
      // The next batch.
    }
  }
}

class Stopped extends Error {}

function unlessStopped(error: unknown): boolean {
  if (error instanceof Stopped) return false;
  throw error;
}

/** Returns whether there was anything to send. */
async function sendBatch(sql: connect.TransactionSql, stopping: AbortSignal): Promise<boolean> {
  const requests = await sql<Request[]>`
    delete from net.http_request_queue
    where id in (select id from net.http_request_queue order by id limit ${BATCH})
    returning id, method, url, headers, body, timeout_milliseconds as timeout`;
  if (requests.length === 0) return false;
  const responses = await Promise.all(requests.map((request) => send(request, stopping)));
  stopping.throwIfAborted();
  // `created` is the time when the transaction began.
  await sql`
    insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
    select id, status_code, content_type, headers, content, timed_out, error_msg
    from jsonb_populate_recordset(null::net._http_response, ${sql.json(responses as never)})`;
  return true;
}

async function send({ id, method, url, headers, body, timeout }: Request, stopping: AbortSignal): Promise<Response> {
  const none = { id, status_code: null, content_type: null, headers: null, content: null };
  const timedOut = AbortSignal.timeout(timeout);
  try {
    const signal = AbortSignal.any([timedOut, stopping]);
    const response = await fetch(url, { method, headers, body: body && new Uint8Array(body), signal });
    return {
      id,
      status_code: response.status,
      content_type: response.headers.get("content-type"),
      headers: Object.fromEntries(response.headers),
      // Postgres has no text with a null character.
      content: (await response.text()).replaceAll("\0", ""),
      timed_out: false,
      error_msg: null,
    };
  } catch (error) {
    return timedOut.aborted
      ? { ...none, timed_out: true, error_msg: `Timeout of ${timeout} ms reached` }
      : { ...none, timed_out: false, error_msg: String(error) };
  }
}
