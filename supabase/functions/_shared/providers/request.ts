import type { Reply } from "../core.ts";
import { noAnswer, reply } from "../http.ts";

/** Much more than any error of a provider. */
const BODY_BYTES = 64 * 1024;

/** Makes a POST request to a provider. No answer is a reply with status 0. */
export async function request(
  url: string,
  headers: Record<string, string>,
  body: BodyInit,
  signal: AbortSignal,
): Promise<Reply> {
  let request: Request;
  try {
    // Following a redirect would send the key along.
    request = new Request(url, { method: "POST", redirect: "manual", headers, body, signal });
  } catch {
    // The text of the error contains the header.
    return reply(0, "the request has a header or a URL that is not valid");
  }
  try {
    const response = await fetch(request);
    const header = (name: string) => response.headers.get(name) ?? undefined;
    return {
      status: response.status,
      retryAfter: header("retry-after"),
      rateLimitReset: header("x-ratelimit-reset") ?? header("ratelimit-reset"),
      messageId: header("x-message-id") ?? header("apns-id"),
      body: await start(response.body),
    };
  } catch (error) {
    return noAnswer(error);
  }
}

/** The start of a body. If the body breaks off, the status still tells the outcome. */
async function start(body: ReadableStream<Uint8Array> | null): Promise<Uint8Array> {
  const bytes = new Uint8Array(BODY_BYTES);
  let length = 0;
  try {
    for await (const chunk of body ?? []) {
      const part = chunk.subarray(0, BODY_BYTES - length);
      bytes.set(part, length);
      length += part.length;
      if (length === BODY_BYTES) break;
    }
  } catch {
    // Keeps the part that arrived.
  }
  return bytes.slice(0, length);
}
