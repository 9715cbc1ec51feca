import type { Send } from "./index.ts";
import { request } from "./request.ts";
import type { Settings } from "./settings.ts";

export function sendgrid(settings: Settings): Send {
  return async ({ headers, body }, signal) => {
    const all = {
      "content-type": "application/json",
      ...headers,
      authorization: `Bearer ${settings.word("SENDGRID_API_KEY")}`,
    };
    // The core has written it into the body.
    settings.text("EMAIL_FROM");
    return await request(`${settings.url("SENDGRID_URL", "https://api.sendgrid.com")}/v3/mail/send`, all, body, signal);
  };
}
