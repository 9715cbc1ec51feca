/**
 * A browser's push service (RFC 8030), restricted to one application server by VAPID (RFC 8292), with the errors of
 * Mozilla's; on demand with those of Google's and Apple's. It also decrypts messages, as the browser does.
 */
import { Buffer } from "node:buffer";
import type { JWK } from "jose";
import { decrypt } from "./browser.ts";
import type { Devices, KnownDevice } from "./devices.ts";
import { randomText } from "./keys.ts";
import {
  type Definition,
  type Incoming,
  isObject,
  type MakeFault,
  nowSecs,
  parseJson,
  Refusal,
  type Reply,
  retryAfter,
  textOrNull,
} from "./service.ts";
import { TokenVerifier } from "./tokens.ts";

const MAX_BODY = 4096;
const DAY_SECS = 86_400;
const URGENCIES = ["very-low", "low", "normal", "high"];
const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  410: "Gone",
  413: "Payload Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const KEY_MISMATCH = "VAPID public key mismatch";

function makeFaults(devices: Devices) {
  return {
    not_found: (_, { checked }) => {
      devices.retire(checked.target);
      return failure(404, 102, "The subscription does not exist.");
    },
    gone: (_, { checked }) => {
      devices.retire(checked.target);
      return gone();
    },
    unauthorized: () => failure(401, 109, "Request did not validate Invalid Authorization Header"),
    vapid_key_mismatch: () => failure(401, 109, KEY_MISMATCH),
    google_sender_id: () => ({
      status: 403,
      body: "the key in the authorization header does not correspond to the sender ID used to subscribe this user. " +
        "Please ensure you are using the correct sender ID and server Key from the Firebase console.\n",
    }),
    google_credentials: () => ({
      status: 403,
      body:
        "the VAPID credentials in the authorization header do not correspond to the credentials used to create the " +
        "subscriptions.\n",
    }),
    google_invalid_jwt: () => ({ status: 403, body: "invalid JWT provided\n" }),
    google_unauthorized_registration: () => ({
      status: 400,
      headers: { "content-type": "text/html; charset=UTF-8" },
      body: "<HTML>\n<HEAD>\n<TITLE>UnauthorizedRegistration</TITLE>\n</HEAD>\n" +
        '<BODY BGCOLOR="#FFFFFF" TEXT="#000000">\n<H1>UnauthorizedRegistration</H1>\n<H2>Error 400</H2>\n</BODY>\n</HTML>\n',
    }),
    apple_bad_jwt_token: () => ({ status: 403, body: { reason: "BadJwtToken" } }),
    apple_vapid_pk_hash_mismatch: () => ({ status: 400, body: { reason: "VapidPkHashMismatch" } }),
    // Mozilla's, for an endpoint of a bridge whose token is not valid.
    moved: () => ({ status: 301, headers: { location: "https://updates.push.services.mozilla.com/wpush/v2/moved" } }),
    payload_too_large: () => failure(413, 104, `The body is larger than ${MAX_BODY} bytes.`),
    too_many_requests: (fault) => failure(429, 201, "Too many messages were sent.", retryAfter(fault, 60)),
    internal_server_error: (fault) => failure(500, 999, "An internal error occurred.", retryAfter(fault, null)),
    service_unavailable: (fault) => failure(503, 201, "Use exponential back-off.", retryAfter(fault, null)),
  } satisfies Record<string, MakeFault>;
}

export type WebPushFault = keyof ReturnType<typeof makeFaults>;

/** `publicKey`: the application server that every subscription is restricted to. */
export function webPush(origin: () => string, publicKey: string, devices: Devices): Definition {
  const verifier = new TokenVerifier("ES256");

  const check = async (request: Incoming) => {
    const { headers, body } = request;
    const endpoint = origin() + request.path;
    const device = devices.find("web_push", endpoint);
    const content = device && read(body, device);
    const payload = content instanceof Uint8Array ? parseJson(content) ?? null : null;
    const subject = {
      target: endpoint,
      deliveryId: isObject(payload) ? textOrNull(payload.delivery_id) : null,
      notificationId: isObject(payload) ? textOrNull(payload.notification_id) : null,
    };
    const refuse = (status: number, errno: number, reason: string): never => {
      throw new Refusal(failure(status, errno, reason), reason, subject);
    };
    if (!device) return refuse(404, 102, "The subscription does not exist.");
    if (request.method !== "POST") refuse(405, 999, "Only POST is supported.");
    await authorize(headers.authorization ?? "", refuse);
    if (device.retiredAt) throw new Refusal(gone(), "gone", subject, false);
    if (!/^\d{1,10}$/.test(headers.ttl ?? "")) refuse(400, 111, "The header TTL is missing or not a number.");
    if (headers.topic !== undefined && !/^[\w-]{1,32}$/.test(headers.topic)) {
      refuse(400, 113, "The header Topic is longer than 32 characters or not base64url.");
    }
    if (headers.urgency !== undefined && !URGENCIES.includes(headers.urgency)) {
      refuse(400, 110, "The header Urgency has an unknown value.");
    }
    if (body.length > MAX_BODY) refuse(413, 104, `The body is larger than ${MAX_BODY} bytes.`);
    if (body.length > 0 && headers["content-encoding"] !== "aes128gcm") {
      refuse(400, 110, "The header Content-Encoding is not aes128gcm.");
    }
    const location = `${origin()}/m/${randomText(24)}`;
    const reply = { status: 201, headers: { location, ttl: headers.ttl! } };
    const unreadable = typeof content === "string" ? `the browser cannot decrypt it: ${content}` : undefined;
    return { ...subject, payload, unreadable, accept: () => ({ reply, messageId: location }) };
  };

  const authorize = async (
    value: string,
    refuse: (status: number, errno: number, reason: string) => never,
  ): Promise<void> => {
    const parameters = /^vapid\s+(.*)$/i.exec(value)?.[1]?.split(",").map((one) => one.trim()) ?? [];
    const token = parameters.find((one) => one.startsWith("t="))?.slice(2);
    const key = parameters.find((one) => one.startsWith("k="))?.slice(2);
    if (!token || !key) return refuse(401, 109, "VAPID: no credentials.");
    const point = Buffer.from(key, "base64url");
    if (point.length !== 65 || point[0] !== 4) {
      return refuse(401, 109, "VAPID: k is not an uncompressed point of P-256.");
    }
    const verified = await verifier.verify(token, toJwk(point));
    if (typeof verified === "string") return refuse(401, 109, `VAPID: invalid ${verified}.`);
    const { aud, exp, sub } = verified.claims;
    if (aud !== origin()) refuse(401, 109, "VAPID: aud is not the origin of the endpoint.");
    if (typeof exp !== "number" || exp <= nowSecs()) refuse(401, 109, "VAPID: exp is missing or in the past.");
    else if (exp > nowSecs() + DAY_SECS) refuse(401, 109, "VAPID: exp is more than 24 hours away.");
    if (typeof sub !== "string" || !/^(mailto:\S+@\S+|https:\/\/\S+)$/.test(sub)) {
      refuse(401, 109, "VAPID: sub is neither mailto: nor https:.");
    }
    if (!point.equals(Buffer.from(publicKey, "base64url"))) {
      refuse(401, 109, KEY_MISMATCH);
    }
  };

  return { name: "web_push", check, faults: makeFaults(devices) };
}

/** An uncompressed point of P-256. */
function toJwk(point: Buffer): JWK {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((number) => number.toString("base64url"));
  return { kty: "EC", crv: "P-256", x, y };
}

/** What the browser reads, or why it cannot; undefined for a message without content. */
function read(body: Uint8Array, device: KnownDevice): Uint8Array | string | undefined {
  if (body.length === 0 || !device.browser) return;
  try {
    return decrypt(body, device.browser);
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`;
  }
}

function gone(): Reply {
  return failure(410, 106, "The subscription is no longer valid.");
}

function failure(code: number, errno: number, message: string, headers: Record<string, string> = {}): Reply {
  const error = TITLES[code] ?? "Error";
  const more_info = "http://autopush.readthedocs.io/en/latest/http.html#error-codes";
  return { status: code, headers, body: { code, errno, error, message, more_info } };
}
