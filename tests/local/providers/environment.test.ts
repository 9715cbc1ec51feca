/** What the stand-ins give to functions as secrets. */
import assert from "node:assert/strict";
import { pointKeys } from "../../../local/providers/keys.ts";
import { startProviders } from "../../../local/providers/providers.ts";

Deno.test("the environment contains the secrets of the configured providers", async () => {
  await using providers = await startProviders({ configured: ["sendgrid", "web_push"] });
  assert.deepEqual(Object.keys(providers.env).toSorted(), [
    "APP_URL",
    "DENO_CERT",
    "EMAIL_FROM",
    "EMAIL_PROVIDER",
    "SENDGRID_API_KEY",
    "SENDGRID_URL",
    "VAPID_PRIVATE_KEY",
    "VAPID_PUBLIC_KEY",
    "VAPID_SUBJECT",
    "WEB_PUSH_HOSTS",
  ]);
  assert.equal(providers.env.EMAIL_PROVIDER, "sendgrid");
  const { privateKey, publicKey } = pointKeys();
  assert.deepEqual([privateKey.length, publicKey.length], [43, 87]);
  assert.deepEqual([providers.env.VAPID_PRIVATE_KEY!.length, providers.env.VAPID_PUBLIC_KEY!.length], [43, 87]);
});
