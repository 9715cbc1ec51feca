/** Firebase Cloud Messaging, HTTP v1. */
import type { Send } from "./index.ts";
import { accessToken, readServiceAccount } from "./oauth.ts";
import { request } from "./request.ts";
import { lazy, type Settings } from "./settings.ts";
import { TokenCache } from "./token.ts";

export function fcm(settings: Settings): Send {
  const account = lazy(() => readServiceAccount(settings));
  const tokens = new TokenCache(async () => await accessToken(await account(), settings), settings.now);
  return async ({ headers, body }, signal) => {
    const { projectId } = await account();
    const base = settings.url("FCM_URL", "https://fcm.googleapis.com");
    const url = `${base}/v1/projects/${encodeURIComponent(projectId)}/messages:send`;
    const token = await tokens.get();
    const all = { "content-type": "application/json", ...headers, authorization: `Bearer ${token}` };
    const reply = await request(url, all, body, signal);
    // The other 401 is about the keys with which FCM itself reaches Apple and browsers.
    const isOurs = !new TextDecoder().decode(reply.body).includes("THIRD_PARTY_AUTH_ERROR");
    if (reply.status === 401 && isOurs) tokens.drop(token);
    return reply;
  };
}
