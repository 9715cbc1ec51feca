/** The encryption of Web Push messages for their browser, RFC 8291. */
import { encryptNotification } from "@block65/webcrypto-web-push";
import type { Delivery } from "../core.ts";
import { reply } from "../http.ts";
import { NotSent } from "./secrets.ts";

/** The body as it is sent. */
export async function encrypted({ url, body, encrypt_for: keys }: Delivery): Promise<BodyInit> {
  if (!keys) return body;
  try {
    const target = { endpoint: url, expirationTime: null, keys };
    // Padded messages would all have the greatest length, which Firefox on Android does not accept.
    return await encryptNotification(target, new TextEncoder().encode(body), { pad: false });
  } catch {
    throw new NotSent("encryption", reply(0, "the subscription's keys are not valid"));
  }
}
