/**
 * Apple Push Notification service with provider tokens.
 * https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns
 */
import type { JWK } from "jose";
import type { Devices } from "./devices.ts";
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

const MAX_PAYLOAD = 4096;
const MAX_COLLAPSE_ID = 64;
const TOKEN_SECS = 3600;
const UPDATE_SECS = 20 * 60;
/** Tolerated clock skew. */
const SKEW_SECS = 60;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PUSH_TYPES = [
  "alert",
  "background",
  "complication",
  "controls",
  "fileprovider",
  "liveactivity",
  "location",
  "mdm",
  "pushtotalk",
  "voip",
  "widgets",
];

export interface ApnsAccount {
  keyId: string;
  teamId: string;
  topic: string;
  publicKey: JWK;
}

/** The provider token of a connection, and when it changed. */
interface Connection {
  token: string;
  changes: number[];
}

function makeFaults(expired: Set<string>, devices: Devices) {
  const simple = (status: number, reason: string): MakeFault => (fault, { request }) =>
    failure(status, reason, request, retryAfter(fault, null));
  return {
    BadDeviceToken: simple(400, "BadDeviceToken"),
    DeviceTokenNotForTopic: simple(400, "DeviceTokenNotForTopic"),
    TopicDisallowed: simple(400, "TopicDisallowed"),
    InvalidProviderToken: simple(403, "InvalidProviderToken"),
    ExpiredProviderToken: (_, { request }) => {
      expired.add(bearer(request) ?? "");
      return failure(403, "ExpiredProviderToken", request);
    },
    Unregistered: (_, { request, checked }) => {
      devices.retire(checked.target);
      return unregistered(request, Date.now());
    },
    IdleTimeout: simple(400, "IdleTimeout"),
    PayloadTooLarge: simple(413, "PayloadTooLarge"),
    TooManyRequests: simple(429, "TooManyRequests"),
    TooManyProviderTokenUpdates: simple(429, "TooManyProviderTokenUpdates"),
    InternalServerError: simple(500, "InternalServerError"),
    ServiceUnavailable: simple(503, "ServiceUnavailable"),
    Shutdown: simple(503, "Shutdown"),
  } satisfies Record<string, MakeFault>;
}

export type ApnsFault = keyof ReturnType<typeof makeFaults>;

export function apns(account: ApnsAccount, devices: Devices): Definition {
  const verifier = new TokenVerifier("ES256");
  const expired = new Set<string>();
  const connections = new Map<string, Connection>();

  const check = async (request: Incoming) => {
    const { headers, body } = request;
    const id = headers["apns-id"];
    const payload = parseJson(body);
    const token = /^\/3\/device\/([^/?]*)$/.exec(request.path)?.[1];
    const notificationId = isObject(payload) ? textOrNull(payload.notification_id) : null;
    const subject = { target: token ?? null, deliveryId: id?.toLowerCase() ?? null, notificationId };
    const refuse = (status: number, reason: string, why = reason): never => {
      throw new Refusal(failure(status, reason, request), why, subject);
    };
    if (request.method !== "POST") refuse(405, "MethodNotAllowed");
    if (token === undefined) refuse(404, "BadPath");
    if (!token) return refuse(400, "MissingDeviceToken");
    if (id !== undefined && !UUID.test(id)) refuse(400, "BadMessageId");

    const jwt = bearer(request);
    if (!jwt) return refuse(403, "MissingProviderToken");
    const proof = await verifier.verify(jwt, account.publicKey);
    if (typeof proof === "string") return refuse(403, "InvalidProviderToken", `provider token: ${proof}`);
    const { header, claims } = proof;
    if (header.kid !== account.keyId) refuse(403, "InvalidProviderToken", "provider token: kid");
    if (claims.iss !== account.teamId) refuse(403, "InvalidProviderToken", "provider token: iss");
    const age = typeof claims.iat === "number" ? nowSecs() - claims.iat : -Infinity;
    if (age < -SKEW_SECS) refuse(403, "InvalidProviderToken", "provider token: iat");
    if (expired.has(jwt)) {
      throw new Refusal(failure(403, "ExpiredProviderToken", request), "ExpiredProviderToken", subject, false);
    }
    if (age > TOKEN_SECS) refuse(403, "ExpiredProviderToken");
    if (!mayUse(jwt, request.connection)) refuse(429, "TooManyProviderTokenUpdates");

    const topic = headers["apns-topic"];
    if (!topic) refuse(400, "MissingTopic");
    if (topic !== account.topic) refuse(400, "TopicDisallowed");
    const type = headers["apns-push-type"];
    if (!type || !PUSH_TYPES.includes(type)) refuse(400, "InvalidPushType");
    const priority = headers["apns-priority"];
    if (priority !== undefined && !["1", "5", "10"].includes(priority)) refuse(400, "BadPriority");
    if (type === "background" && priority !== "5") refuse(400, "BadPriority", "a background push of high priority");
    const expiration = headers["apns-expiration"];
    if (expiration !== undefined && !/^\d{1,10}$/.test(expiration)) refuse(400, "BadExpirationDate");
    if (new TextEncoder().encode(headers["apns-collapse-id"] ?? "").length > MAX_COLLAPSE_ID) {
      refuse(400, "BadCollapseId");
    }
    if (body.length > MAX_PAYLOAD) refuse(413, "PayloadTooLarge");
    if (!isObject(payload)) return refuse(400, "PayloadEmpty", "not a JSON object");
    if (!isObject(payload.aps) || Object.keys(payload.aps).length === 0) refuse(400, "PayloadEmpty", "no aps");

    const device = /^([0-9a-f]{2}){32,100}$/i.test(token) ? devices.find("apns", token.toLowerCase()) : undefined;
    if (!device) return refuse(400, "BadDeviceToken");
    if (device.retiredAt) {
      throw new Refusal(unregistered(request, device.retiredAt), "Unregistered", subject, false);
    }
    const messageId = id ?? crypto.randomUUID();
    const reply = { status: 200, headers: { "apns-id": messageId } };
    return { ...subject, target: device.token, payload, accept: () => ({ reply, messageId }) };
  };

  /** Counts changes per connection: each process of a sender has its own token. */
  const mayUse = (token: string, connection: string): boolean => {
    const known = connections.get(connection);
    if (!known) {
      connections.set(connection, { token, changes: [] });
      return true;
    }
    if (known.token === token) return true;
    const since = nowSecs() - UPDATE_SECS;
    // Replacing an expired token is allowed at any time.
    const changes = known.changes.filter((at) => at > since);
    if (changes.length > 0 && !expired.has(known.token)) return false;
    connections.set(connection, { token, changes: [...changes, nowSecs()] });
    return true;
  };

  return { name: "apns", check, faults: makeFaults(expired, devices) };
}

function bearer(request: Incoming): string | undefined {
  return /^bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
}

function unregistered(request: Incoming, timestamp: number): Reply {
  const reply = failure(410, "Unregistered", request);
  return { ...reply, body: { reason: "Unregistered", timestamp } };
}

function failure(status: number, reason: string, request: Incoming, headers: Record<string, string> = {}): Reply {
  const id = request.headers["apns-id"] ?? crypto.randomUUID();
  return { status, headers: { "apns-id": id, ...headers }, body: { reason } };
}
