/** Firebase Cloud Messaging, HTTP v1: messages to one device. */
import type { Devices } from "./devices.ts";
import { isReserved, payloadSize, type Violation, violation } from "./fcm-message.ts";
import type { AccessTokens } from "./google-oauth.ts";
import { randomHex } from "./keys.ts";
import {
  type Definition,
  type Incoming,
  isObject,
  type MakeFault,
  parseJson,
  Refusal,
  type Reply,
  retryAfter,
  textOrNull,
} from "./service.ts";

const SCOPES = ["https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform"];
const MAX_PAYLOAD = 4096;
const MAX_TTL_SECS = 28 * 86_400;
const CREDENTIALS = "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
  "See https://developers.google.com/identity/sign-in/web/devconsole-project.";

function makeFaults(tokens: AccessTokens, devices: Devices) {
  return {
    UNREGISTERED: (_, { checked }) => {
      devices.retire(checked.target);
      return unregistered();
    },
    INVALID_ARGUMENT: () => invalidArgument("Request contains an invalid argument."),
    QUOTA_EXCEEDED: (fault) => ({
      ...fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota exceeded for quota metric 'Send requests'."),
      headers: retryAfter(fault, 60),
    }),
    UNAVAILABLE: (fault) => ({
      ...fcmError(503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."),
      headers: retryAfter(fault, null),
    }),
    INTERNAL: (fault) => ({
      ...fcmError(500, "INTERNAL", "INTERNAL", "Internal error encountered."),
      headers: retryAfter(fault, null),
    }),
    SENDER_ID_MISMATCH: () => fcmError(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"),
    THIRD_PARTY_AUTH_ERROR: () =>
      fcmError(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Auth error from APNS or Web Push Service"),
    ACCESS_TOKEN_EXPIRED: (_, { request }) => {
      tokens.expire(bearer(request) ?? "");
      return unauthenticated("ACCESS_TOKEN_EXPIRED");
    },
  } satisfies Record<string, MakeFault>;
}

export type FcmFault = keyof ReturnType<typeof makeFaults>;

export function fcm(projectId: string, tokens: AccessTokens, devices: Devices): Definition {
  const check = (request: Incoming) => {
    const project = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(request.path)?.[1];
    if (!project || request.method !== "POST") {
      throw new Refusal({ status: 404 }, `no such method: ${request.method} ${request.path}`);
    }
    authorize(request, tokens);
    if (project !== projectId) {
      throw new Refusal(permissionDenied(project), `project ${project}`);
    }
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
      throw new Refusal(invalidArgument("Invalid content type."), "content-type");
    }
    const body = parseJson(request.body);
    if (!isObject(body)) {
      const description = "Invalid JSON payload received.";
      throw new Refusal(badRequest({ field: "", description }), "no JSON object");
    }
    const wrong = violation(body);
    if (wrong) throw new Refusal(badRequest(wrong), wrong.description);
    const message = body.message;
    if (!isObject(message)) throw new Refusal(invalidArgument("Message is missing."), "no message");
    const data = isObject(message.data) ? message.data : {};
    const subject = {
      target: textOrNull(message.token),
      deliveryId: textOrNull(data.delivery_id),
      notificationId: textOrNull(data.notification_id),
    };
    const refuse = (reply: Reply, reason: string): never => {
      throw new Refusal(reply, reason, subject);
    };
    const recipients = [message.token, message.topic, message.condition].filter((one) => one !== undefined);
    if (recipients.length !== 1) {
      refuse(invalidArgument("Exactly one of token, topic or condition is required"), "not one recipient");
    }
    const reserved = Object.keys(data).find(isReserved);
    if (reserved) refuse(invalidArgument(`Invalid data payload key: ${reserved}`), `reserved key ${reserved}`);
    const ttl = isObject(message.android) ? parseFloat(`${message.android.ttl ?? 0}`) : 0;
    if (ttl > MAX_TTL_SECS) refuse(invalidArgument("Invalid ttl."), "ttl over four weeks");
    if (payloadSize(message) > MAX_PAYLOAD) {
      refuse(invalidArgument("Android message is too big"), `payload over ${MAX_PAYLOAD} bytes`);
    }
    const { target } = subject;
    const device = target === null ? undefined : devices.find("fcm", target);
    if (!device || target === null) {
      throw new Refusal(
        invalidArgument("The registration token is not a valid FCM registration token"),
        "no such token",
        subject,
      );
    }
    if (device.retiredAt) throw new Refusal(unregistered(), "UNREGISTERED", subject, false);
    const name = `projects/${projectId}/messages/0:${Date.now()}%${randomHex(8)}`;
    return {
      ...subject,
      target,
      payload: message,
      accept: () => ({ reply: { status: 200, body: { name } }, messageId: name }),
    };
  };
  return { name: "fcm", check, faults: makeFaults(tokens, devices) };
}

function authorize(request: Incoming, tokens: AccessTokens): void {
  const value = bearer(request);
  if (value === undefined) throw new Refusal(unauthenticated("CREDENTIALS_MISSING"), "no bearer token");
  const token = tokens.find(value);
  if (!token) throw new Refusal(unauthenticated("ACCESS_TOKEN_TYPE_UNSUPPORTED"), "an unknown access token");
  const reason = "ACCESS_TOKEN_EXPIRED";
  if (token.isRevoked) throw new Refusal(unauthenticated(reason), reason, {}, false);
  if (token.expiresAt <= Date.now()) throw new Refusal(unauthenticated(reason), reason);
  if (!token.scopes.some((scope) => SCOPES.includes(scope))) {
    const reply = failure(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.", [
      info("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    ]);
    throw new Refusal(reply, "scope");
  }
}

function bearer(request: Incoming): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
}

function unregistered(): Reply {
  return fcmError(404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found.");
}

function invalidArgument(message: string): Reply {
  return fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", message);
}

function badRequest(wrong: Violation): Reply {
  const detail = { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: [wrong] };
  return failure(400, "INVALID_ARGUMENT", wrong.description, [detail]);
}

function unauthenticated(reason: string): Reply {
  const message = reason === "CREDENTIALS_MISSING"
    ? `Request is missing required authentication credential. ${CREDENTIALS}`
    : `Request had invalid authentication credentials. ${CREDENTIALS}`;
  return failure(401, "UNAUTHENTICATED", message, [info(reason)]);
}

function permissionDenied(project: string): Reply {
  const message = `Permission 'cloudmessaging.messages.create' denied on resource ` +
    `'//cloudresourcemanager.googleapis.com/projects/${project}' (or it may not exist).`;
  return failure(403, "PERMISSION_DENIED", message, [info("IAM_PERMISSION_DENIED")]);
}

function info(reason: string): Record<string, unknown> {
  const metadata = { service: "fcm.googleapis.com", method: "google.firebase.fcm.v1.FcmService.SendMessage" };
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com", metadata };
}

function fcmError(code: number, status: string, errorCode: string, message: string): Reply {
  return failure(code, status, message, [
    { "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode },
  ]);
}

function failure(code: number, status: string, message: string, details: unknown[]): Reply {
  return { status: code, body: { error: { code, message, status, details } } };
}
