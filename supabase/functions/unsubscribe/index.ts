import { withSupabase } from "@supabase/server";
import { appUrl } from "../_shared/environment.ts";

/** The database ends a statement of this role after 3 s. */
const TIMEOUT_MS = 10_000;
/** Longer than any token. */
const MAX_TOKEN = 200;

/**
 * Where the link in an email leads, and its one-click button (RFC 8058). The signed token in the address is all the
 * proof there is: mail services send no key. Only POST changes anything, since programs open links to look at them.
 */
export default {
  fetch: withSupabase({ auth: "none" }, async (request, { supabase }) => {
    if (!["GET", "HEAD", "POST"].includes(request.method)) {
      return text(405, `${request.method} is not allowed here, use POST`, { allow: "GET, POST" });
    }
    const token = new URL(request.url).searchParams.get("token") ?? "";
    // Postgres has no NUL, and would fail instead of saying no.
    if (token === "" || token.length > MAX_TOKEN || token.includes("\0")) return invalid();
    if (request.method !== "POST") return page(token);

    const { data, error } = await supabase.rpc("unsubscribe", { p_token: token })
      .abortSignal(AbortSignal.timeout(TIMEOUT_MS));
    if (error) {
      console.error(JSON.stringify({ function: "unsubscribe", code: error.code, error: error.message }));
      return text(503, "This could not be done now. Please try again later.", { "retry-after": "60" });
    }
    return data?.success === true ? text(200, "You will get no more of these emails.") : invalid();
  }),
};

/** The app's own page asks whether that is meant and then makes the POST request; a function may not answer HTML. */
function page(token: string): Response {
  const app = appUrl();
  if (app) return text(303, "", { location: `${app}/unsubscribe?token=${encodeURIComponent(token)}` });
  return text(200, "To unsubscribe, use the button of your mail program, or send a POST request to this address.");
}

function invalid(): Response {
  return text(400, "This link is not valid. You can change what you get in the app's settings.");
}

function text(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body === "" ? null : `${body}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      // The address is as good as a key.
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      ...headers,
    },
  });
}
