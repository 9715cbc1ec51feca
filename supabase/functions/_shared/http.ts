import type { Reply } from "./core.ts";

/** Makes a POST request and answers whatever comes back; no answer is status 0 with the error's text. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return {
      status: response.status,
      retryAfter: response.headers.get("retry-after") ?? undefined,
      body: await response.bytes(),
    };
  } catch (error) {
    return { status: 0, body: new TextEncoder().encode(error instanceof Error ? error.message : String(error)) };
  }
}
