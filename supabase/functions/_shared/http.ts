import type { Reply } from "./core.ts";

/** The answer of a function, as the core writes it in JSON. */
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

/** Makes a POST request with a JSON body. Without an answer, the reply has status 0 and the text of the error. */
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

/** The reply if no answer came. */
export function noAnswer(error: unknown): Reply {
  // Newer versions of Deno say only `fetch failed`; the cause has the reason.
  const { message } = [(error as Error | undefined)?.cause, error].find((one) => one instanceof Error) as Error ??
    { message: String(error) };
  // The URL of a device is a secret: it suffices to send to the device.
  return reply(0, message.replace(/ for url \(\S*\)/, ""));
}

export function reply(status: number, text: string): Reply {
  return { status, body: new TextEncoder().encode(text) };
}
