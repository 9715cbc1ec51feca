/** Resend: sending one email. https://resend.com/docs/api-reference/emails/send-email */
import { createHash } from "node:crypto";
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

const DAY_MS = 86_400_000;
const MAX_RECIPIENTS = 50;
const FIELDS = [
  "attachments",
  "bcc",
  "cc",
  "from",
  "headers",
  "html",
  "react",
  "reply_to",
  "scheduled_at",
  "subject",
  "tags",
  "template",
  "text",
  "to",
  "topic_id",
];
const ADDRESS = /^(?:[^<>]*<([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>|([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+))$/;

const CONCURRENT = {
  name: "concurrent_idempotent_requests",
  message: "Same idempotency key used while original request is still in progress.",
};

const faults = {
  validation_error: () => failure(422, "validation_error", "We found an error with one or more fields in the request."),
  invalid_from_address: () => failure(422, "invalid_from_address", "Invalid `from` field."),
  rate_limit_exceeded: (fault) => ({
    ...failure(
      429,
      "rate_limit_exceeded",
      "Too many requests. You can only make 5 requests per second. See rate limit response headers for more " +
        "information. Or contact support to increase rate limit.",
    ),
    headers: { ...limits(0), ...retryAfter(fault, 1) },
  }),
  daily_quota_exceeded: (fault) => ({
    ...failure(429, "daily_quota_exceeded", "You have reached your daily email sending quota."),
    headers: { ...limits(4), ...retryAfter(fault, null) },
  }),
  monthly_quota_exceeded: (fault) => ({
    ...failure(429, "monthly_quota_exceeded", "You have reached your monthly email sending quota."),
    headers: { ...limits(4), ...retryAfter(fault, null) },
  }),
  missing_api_key: () => failure(401, "missing_api_key", "Missing API key in the authorization header."),
  restricted_api_key: () => failure(401, "restricted_api_key", "This API key is restricted to only send emails."),
  invalid_api_key: () => failure(403, "invalid_api_key", "API key is invalid."),
  concurrent_idempotent_requests: () => failure(409, CONCURRENT.name, CONCURRENT.message),
  application_error: (fault) => ({
    ...failure(500, "application_error", "An unexpected error occurred."),
    headers: retryAfter(fault, null),
  }),
  internal_server_error: (fault) => ({
    ...failure(500, "internal_server_error", "An unexpected error occurred."),
    headers: retryAfter(fault, null),
  }),
} satisfies Record<string, MakeFault>;

export type ResendFault = keyof typeof faults;

/** The request made with an idempotency key; without a reply while it is in progress. */
interface Earlier {
  hash: string;
  reply: Reply | undefined;
  at: number;
}

/** `domain`: the verified sender domain. */
export function resend(apiKey: string, domain: string): Definition {
  const earlier = new Map<string, Earlier>();

  const check = (request: Incoming) => {
    const { headers } = request;
    const key = headers["idempotency-key"];
    const body = parseJson(request.body);
    const email = isObject(body) ? body : {};
    const to = (Array.isArray(email.to) ? email.to : [email.to]).map(textOrNull);
    const subject = { target: address(to[0]), deliveryId: key ?? null, notificationId: tag(email) };
    const refuse = (status: number, name: string, message: string): never => {
      throw new Refusal(failure(status, name, message), `${name}: ${message}`, subject);
    };
    // Cloudflare, in front of Resend, rejects these.
    if (!headers["user-agent"]) throw new Refusal({ status: 403, body: "error code: 1010" }, "no user-agent", subject);
    if (request.path !== "/emails") refuse(404, "not_found", "The requested endpoint does not exist.");
    if (request.method !== "POST") refuse(405, "method_not_allowed", "Method is not allowed for the requested path.");
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
    if (!token) refuse(401, "missing_api_key", "Missing API key in the authorization header.");
    if (token !== apiKey) refuse(403, "invalid_api_key", "API key is invalid.");
    if (key !== undefined && (key.length < 1 || key.length > 256)) {
      refuse(400, "invalid_idempotency_key", "The key must be between 1-256 chars.");
    }
    if (!/^application\/json\b/.test(headers["content-type"] ?? "") || !isObject(body)) {
      refuse(400, "validation_error", "The request body is not a JSON object.");
    }
    for (const field of ["from", "to", "subject"]) {
      if (email[field] === undefined) refuse(422, "missing_required_field", `Missing \`${field}\` field.`);
    }
    if (email.html === undefined && email.text === undefined) {
      refuse(422, "missing_required_field", "Missing `html` or `text` field.");
    }
    const wrong = invalidField(email, to);
    if (wrong) refuse(422, "validation_error", wrong);
    if (!address(textOrNull(email.from))?.endsWith(`@${domain}`)) {
      const used = address(textOrNull(email.from))?.split("@")[1];
      refuse(403, "validation_error", `The ${used} domain is not verified. Please, add and verify your domain.`);
    }

    const hash = createHash("sha256").update(request.body).digest("hex");
    const before = key === undefined ? undefined : earlier.get(key);
    if (before && before.at > Date.now() - DAY_MS) {
      if (before.hash !== hash) {
        refuse(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.");
      }
      if (!before.reply) {
        const { name } = CONCURRENT;
        throw new Refusal(failure(409, name, CONCURRENT.message), name, subject, false);
      }
    }
    const replay = before?.reply;
    if (key !== undefined && !replay) earlier.set(key, { hash, reply: undefined, at: Date.now() });
    const id = crypto.randomUUID();
    const reply = { status: 200, headers: limits(4), body: { id } };
    return {
      ...subject,
      target: subject.target ?? "",
      payload: email,
      replay,
      accept: () => {
        if (key !== undefined) earlier.set(key, { hash, reply, at: Date.now() });
        return { reply, messageId: id };
      },
      abandon: () => {
        if (key !== undefined && !replay) earlier.delete(key);
      },
    };
  };
  return { name: "resend", check, faults };
}

function invalidField(email: Record<string, unknown>, to: (string | null)[]): string | undefined {
  // Resend does not document what happens to others; a correct sender sends none.
  const unknown = Object.keys(email).find((field) => !FIELDS.includes(field));
  if (unknown) return `Unknown \`${unknown}\` field.`;
  const format = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.";
  if (!address(textOrNull(email.from))) return `Invalid \`from\` field. ${format}`;
  if (to.length === 0 || to.some((one) => !address(one))) return `Invalid \`to\` field. ${format}`;
  if (to.length > MAX_RECIPIENTS) return `The \`to\` field has more than ${MAX_RECIPIENTS} addresses.`;
  if (typeof email.subject !== "string" || /[\r\n]/.test(email.subject)) {
    return "The `subject` must be one line of text.";
  }
  for (const field of ["html", "text"]) {
    if (email[field] !== undefined && typeof email[field] !== "string") {
      return `The \`${field}\` field must be a \`string\`.`;
    }
  }
  const { headers, tags } = email;
  if (headers !== undefined) {
    if (!isObject(headers)) return "The `headers` field must be an `object`.";
    for (const [name, value] of Object.entries(headers)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || typeof value !== "string" || /[\r\n]/.test(value)) {
        return `Invalid header \`${name}\`.`;
      }
    }
  }
  if (tags !== undefined) {
    const isTag = (one: unknown) =>
      isObject(one) && [one.name, one.value].every((part) => typeof part === "string" && /^[\w-]{1,256}$/.test(part));
    if (!Array.isArray(tags) || !tags.every(isTag)) {
      return "Tags should only contain ASCII letters, numbers, underscores, or dashes.";
    }
  }
}

/** The address without its display name. */
function address(text: string | null | undefined): string | null {
  const match = ADDRESS.exec(text ?? "");
  return match?.[1] ?? match?.[2] ?? null;
}

function tag(email: Record<string, unknown>): string | null {
  const tags: unknown[] = Array.isArray(email.tags) ? email.tags : [];
  const found = tags.find((one) => isObject(one) && one.name === "notification_id");
  return isObject(found) ? textOrNull(found.value) : null;
}

function limits(remaining: number): Record<string, string> {
  return { "ratelimit-limit": "5", "ratelimit-remaining": `${remaining}`, "ratelimit-reset": "1" };
}

function failure(statusCode: number, name: string, message: string): Reply {
  return { status: statusCode, headers: limits(4), body: { statusCode, name, message } };
}
