/** Apple Push Notification service. It speaks HTTP/2 only, which fetch agrees on with it during the TLS handshake. */
import { importPKCS8, SignJWT } from "jose";
import type { Reply } from "../core.ts";
import type { Send } from "./index.ts";
import { request } from "./request.ts";
import { lazy, type Settings, unusable } from "./settings.ts";
import { type Token, TokenCache } from "./token.ts";

/** Apple wants a token to be used for at least 20 minutes and at most 60. */
const TOKEN_SECS = 40 * 60;
/**
 * The one refusal that a new token is an answer to. `InvalidProviderToken` is not: the next is signed with the same
 * key, and Apple answers too many of those by `TooManyProviderTokenUpdates`, which would hide what is wrong.
 */
const EXPIRED = '"ExpiredProviderToken"';

export function apns(settings: Settings): Send {
  const key = lazy(() => readKey(settings));
  const tokens = new TokenCache(async () => await providerToken(await key(), settings), settings.now);
  return async ({ token: device = "", headers, body }, signal) => {
    const url = `${settings.url("APNS_URL", "https://api.push.apple.com")}/3/device/${encodeURIComponent(device)}`;
    const topic = settings.word("APNS_TOPIC");
    const token = await tokens.get();
    const all = {
      "content-type": "application/json",
      ...headers,
      "apns-topic": topic,
      authorization: `bearer ${token}`,
    };
    const reply = await request(url, all, body, signal);
    if (saysExpired(reply)) tokens.drop(token);
    return reply;
  };
}

interface Key {
  id: string;
  teamId: string;
  privateKey: CryptoKey;
}

async function readKey(settings: Settings): Promise<Key> {
  const name = "APNS_PRIVATE_KEY";
  // Where a secret has to be one line, its lines are often joined by a literal \n.
  const pem = settings.text(name).replaceAll("\\n", "\n");
  const privateKey = await importPKCS8(pem, "ES256")
    .catch(() => unusable(name, "is not a PKCS #8 private key in PEM, as in Apple's .p8 file"));
  return { id: settings.word("APNS_KEY_ID"), teamId: settings.word("APNS_TEAM_ID"), privateKey };
}

async function providerToken(key: Key, settings: Settings): Promise<Token> {
  const text = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: key.id })
    .setIssuer(key.teamId)
    .setIssuedAt(Math.floor(settings.now() / 1000))
    .sign(key.privateKey)
    .catch(() => unusable("APNS_PRIVATE_KEY", "is not a complete key for ES256"));
  return { text, until: settings.now() + TOKEN_SECS * 1000 };
}

function saysExpired(reply: Reply): boolean {
  return reply.status === 403 && new TextDecoder().decode(reply.body).includes(EXPIRED);
}
