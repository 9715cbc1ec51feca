/**
 * Sends the requests of net.http_request_queue as pg_net does: in batches of 200, one after the other, without retries.
 * Responses go to net._http_response. Only where the extension is missing.
 */
import type connect from "postgres";
import type { Log } from "../stack/log.ts";
import { Loop } from "./loop.ts";

const BATCH = 200;
/** A notification is lost while the worker reconnects. */
const TICK_MS = 1_000;

interface Request {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Uint8Array;
  timeout: number;
}

export class NetWorker {
  #loop: Loop;

  constructor(adminUrl: string, log: Log) {
    this.#loop = new Loop("net", TICK_MS, adminUrl, log, (sql) => this.#tick(sql), "pg_net");
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #tick(sql: connect.Sql): Promise<void> {
    for (;;) {
      const requests = await sql<Request[]>`
        delete from net.http_request_queue
        where id in (select id from net.http_request_queue order by id limit ${BATCH})
        returning id, method, url, headers, body, timeout_milliseconds as timeout`;
      if (requests.length === 0) return;
      await Promise.all(requests.map((request) => this.#send(sql, request)));
    }
  }

  async #send(sql: connect.Sql, { id, method, url, headers, body, timeout }: Request): Promise<void> {
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(url, { method, headers, body: new Uint8Array(body), signal });
      const content = await response.text();
      await sql`
        insert into net._http_response (id, status_code, content_type, headers, content, timed_out)
        values (${id}, ${response.status}, ${response.headers.get("content-type")},
          ${sql.json(Object.fromEntries(response.headers))}, ${content}, false)`;
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === "TimeoutError";
      const message = timedOut ? `Timeout of ${timeout} ms reached` : String(error);
      await sql`
        insert into net._http_response (id, timed_out, error_msg) values (${id}, ${timedOut}, ${message})`;
    }
  }
}
