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
    return noAnswer(error);
  }
}

/** What stands for an answer that did not come. */
export function noAnswer(error: unknown): Reply {
  // Newer versions of Deno only say `fetch failed` and keep the reason in the cause.
  const { message } = [(error as Error | undefined)?.cause, error].find((one) => one instanceof Error) as Error ??
    { message: String(error) };
  // Whoever knows the URL of a device may send to it.
  return reply(0, message.replace(/ for url \(\S*\)/, ""));
}

export function reply(status: number, text: string): Reply {
  return { status, body: new TextEncoder().encode(text) };
}
