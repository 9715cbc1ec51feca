/** A service of the app's own that judges comments, by the contract in docs/moderation.md. */
import { randomText } from "./keys.ts";
import { huge, scoresOf } from "./opinions.ts";
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

const PATH = "/judge";

const faults = {
  unauthorized: () => failure(401, "unauthorized"),
  too_many_requests: (fault) => ({ ...failure(429, "too many requests"), headers: retryAfter(fault, 1) }),
  internal_error: (fault) => ({ ...failure(500, "internal error"), headers: retryAfter(fault, null) }),
  unavailable: (fault) => ({ ...failure(503, "unavailable"), headers: retryAfter(fault, null) }),
  malformed: () => ({ status: 200, body: { flagged: "perhaps" } }),
  huge: () => ({ status: 200, body: huge() }),
  redirect: () => ({ status: 302, headers: { location: "https://elsewhere.example/" } }),
} satisfies Record<string, MakeFault>;

export type OwnModerationFault = keyof typeof faults;

export function ownModeration(secret: string): Definition {
  const check = (request: Incoming) => {
    const body = parseJson(request.body);
    const text = isObject(body) ? textOrNull(body.text) : null;
    const subject = { target: text, deliveryId: null, notificationId: null };
    const refuse = (status: number, message: string): never => {
      throw new Refusal(failure(status, message), message, subject);
    };
    if (request.path !== PATH) refuse(404, "not found");
    if (request.method !== "POST") refuse(405, "method not allowed");
    if (request.headers.authorization !== `Bearer ${secret}`) refuse(401, "unauthorized");
    if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) refuse(415, "not JSON");
    if (!text || Object.keys(body as object).length !== 1) return refuse(400, "the body must be {text}");
    const reply = { status: 200, body: { ...scoresOf(text), model: "own-3" } };
    return { ...subject, target: text, payload: body, accept: () => ({ reply, messageId: randomText(12) }) };
  };
  return { name: "http", check, faults };
}

function failure(status: number, message: string): Reply {
  return { status, body: { message } };
}
