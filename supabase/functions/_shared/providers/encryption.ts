/** The encryption of Web Push messages for their browser, RFC 8291. */
import { encryptNotification } from "@block65/webcrypto-web-push";
import type { Delivery } from "../core.ts";
import { reply } from "../http.ts";
import { NotSent } from "./secrets.ts";

/** The body to send. */
export async function encrypted({ url, body, encrypt_for: keys }: Delivery): Promise<BodyInit> {
  if (!keys) return body;
  try {
    const target = { endpoint: url, expirationTime: null, keys };
    // Padding would give all messages the maximum length, which Firefox on Android rejects.
    return await encryptNotification(target, new TextEncoder().encode(body), { pad: false });
  } catch {
    throw new NotSent("encryption", reply(0, "the subscription's keys are not valid"));
  }
}
