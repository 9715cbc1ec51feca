/** Requests to the Storage API of the project. */
import type { Report } from "../core.ts";
import { noAnswer } from "../http.ts";

type Step = Extract<Report, { outcome: "storage" }>["step"];

/** Much more than any error of Storage. */
const ERROR_CHARS = 2000;

/** Storage did not do what it was asked. */
export class StorageError extends Error {
  constructor(readonly report: Report) {
    super();
  }
}

/** The Storage API, with the key that called the worker. */
export class Storage {
  constructor(private readonly key: string, private readonly timeoutMs: number) {}

  /** The bytes of an object, up to a number. */
  async download(bucket: string, path: string, maxBytes: number): Promise<Uint8Array> {
    return await this.#ask("download", `${bucket}/${path}`, { method: "GET" }, async (response) => {
      const length = Number(response.headers.get("content-length")) || maxBytes;
      let bytes = new Uint8Array(Math.min(length, maxBytes));
      let read = 0;
      for await (const chunk of response.body ?? []) {
        const part = chunk.subarray(0, maxBytes - read);
        if (read + part.length > bytes.length) {
          // The answer was compressed on its way.
          const longer = new Uint8Array(Math.min(maxBytes, 2 * (read + part.length)));
          longer.set(bytes.subarray(0, read));
          bytes = longer;
        }
        bytes.set(part, read);
        read += part.length;
        if (read === maxBytes) break;
      }
      return bytes.subarray(0, read);
    });
  }

  /** Writes an object, whether or not it exists. */
  async publish(bucket: string, path: string, type: string, cacheControl: string, body: Uint8Array): Promise<void> {
    const headers = { "content-type": type, "cache-control": cacheControl, "x-upsert": "true" };
    await this.#ask("publish", `${bucket}/${path}`, { method: "POST", headers, body: body as BodyInit }, drained);
  }

  async remove(bucket: string, paths: string[]): Promise<void> {
    const headers = { "content-type": "application/json" };
    await this.#ask(
      "remove",
      bucket,
      { method: "DELETE", headers, body: JSON.stringify({ prefixes: paths }) },
      drained,
    );
  }

  async #ask<T>(step: Step, path: string, init: RequestInit, read: (response: Response) => Promise<T>): Promise<T> {
    const url = `${Deno.env.get("SUPABASE_URL")}/storage/v1/object/${
      path.split("/").map(encodeURIComponent).join("/")
    }`;
    let answer: { status: number; retry_after?: string; body: string };
    try {
      const signal = AbortSignal.timeout(this.timeoutMs);
      const response = await fetch(url, { ...init, headers: { ...init.headers, apikey: this.key }, signal });
      if (response.ok) return await read(response);
      answer = {
        status: response.status,
        retry_after: response.headers.get("retry-after") ?? undefined,
        body: (await response.text()).slice(0, ERROR_CHARS),
      };
    } catch (error) {
      answer = { status: 0, body: new TextDecoder().decode(noAnswer(error).body) };
    }
    throw new StorageError({ outcome: "storage", step, ...answer });
  }
}

async function drained(response: Response): Promise<void> {
  await response.body?.cancel();
}
