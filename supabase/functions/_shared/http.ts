import type { Reply } from "./core.ts";

/** What a function answers, as the core describes it in JSON. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** Text, or an object to send as JSON. */
  body: unknown;
}

export function respond({ status, headers, body }: Answer): Response {
  if (typeof body !== "string") return Response.json(body, { status, headers });
  return new Response(body === "" ? null : body, { status, headers });
}

/** Makes a POST request with a JSON body; no answer is a reply with status 0 and the error's text. */
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

/** The reply that stands for a missing answer. */
export function noAnswer(error: unknown): Reply {
  // Newer versions of Deno only say `fetch failed` and keep the reason in the cause.
  const { message } = [(error as Error | undefined)?.cause, error].find((one) => one instanceof Error) as Error ??
    { message: String(error) };
  // Anyone who knows the URL of a device can send to it.
  return reply(0, message.replace(/ for url \(\S*\)/, ""));
}

export function reply(status: number, text: string): Reply {
  return { status, body: new TextEncoder().encode(text) };
}
