import type { Send } from "./index.ts";
import { request } from "./request.ts";
import type { Settings } from "./settings.ts";

export function resend(settings: Settings): Send {
  return async ({ key, headers, body }, signal) => {
    const all = {
      "content-type": "application/json",
      ...headers,
      "idempotency-key": key,
      authorization: `Bearer ${settings.word("RESEND_API_KEY")}`,
    };
    // The core has written it into the body.
    settings.text("EMAIL_FROM");
    return await request(`${settings.url("RESEND_URL", "https://api.resend.com")}/emails`, all, body, signal);
  };
}
