/** SendGrid, Web API v3: sending email. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
import { randomText } from "./keys.ts";
import { type Fault } from "./faults.ts";
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

const MAX_BODY = 30 * 1024 * 1024;
const MAX_CUSTOM_ARGS = 10_000;
const HELP = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html";
const FIELDS = [
  "asm",
  "attachments",
  "batch_id",
  "categories",
  "content",
  "custom_args",
  "from",
  "headers",
  "ip_pool_name",
  "mail_settings",
  "personalizations",
  "reply_to",
  "reply_to_list",
  "sections",
  "send_at",
  "subject",
  "template_id",
  "tracking_settings",
];
const PERSONALIZATION_FIELDS = [
  "bcc",
  "cc",
  "custom_args",
  "dynamic_template_data",
  "from",
  "headers",
  "send_at",
  "subject",
  "substitutions",
  "to",
];
const RESERVED_HEADERS = [
  "x-sg-id",
  "x-sg-eid",
  "received",
  "dkim-signature",
  "content-type",
  "content-transfer-encoding",
  "to",
  "from",
  "subject",
  "reply-to",
  "cc",
  "bcc",
];

const faults = {
  bad_request: () => failure(400, "Bad Request"),
  unauthorized: () => unauthorized(),
  maximum_credits_exceeded: () => failure(401, "Maximum credits exceeded"),
  forbidden: () => failure(403, "access forbidden"),
  payload_too_large: () => failure(413, "The JSON payload you have included in your request is too large."),
  too_many_requests: (fault) => ({ ...failure(429, "too many requests"), headers: limits(fault) }),
  internal_server_error: (fault) => ({ ...failure(500, "internal error"), headers: retryAfter(fault, null) }),
  service_unavailable: (fault) => ({ ...failure(503, "service unavailable"), headers: retryAfter(fault, null) }),
} satisfies Record<string, MakeFault>;

export type SendGridFault = keyof typeof faults;

/** `domain`: the verified sender domain. */
export function sendGrid(apiKey: string, domain: string): Definition {
  const check = (request: Incoming) => {
    const { headers } = request;
    const body = parseJson(request.body);
    const mail = isObject(body) ? body : {};
    const args = isObject(mail.custom_args) ? mail.custom_args : {};
    const subject = {
      target: recipients(mail)[0] ?? null,
      deliveryId: textOrNull(args.delivery_id),
      notificationId: textOrNull(args.notification_id),
    };
    const refuse = (reply: Reply, reason: string): never => {
      throw new Refusal(reply, reason, subject);
    };
    if (request.path !== "/v3/mail/send") refuse(failure(404, "not found"), "path");
    if (request.method !== "POST") refuse(failure(405, "method not allowed"), "method");
    if (headers.authorization !== `Bearer ${apiKey}`) refuse(unauthorized(), "API key");
    if (!/^application\/json\b/.test(headers["content-type"] ?? "")) {
      refuse(failure(415, "Content-Type should be application/json."), "content-type");
    }
    if (request.body.length > MAX_BODY) {
      refuse(failure(413, "The JSON payload you have included in your request is too large."), "too large");
    }
    if (!isObject(body)) refuse(failure(400, "Bad Request"), "not a JSON object");
    const wrong = problem(mail);
    if (wrong) refuse(failure(400, wrong.message, wrong.field), `${wrong.field}: ${wrong.message}`);
    const from = isObject(mail.from) ? `${mail.from.email}` : "";
    if (!from.endsWith(`@${domain}`)) {
      const message = "The from address does not match a verified Sender Identity. Mail cannot be sent until this " +
        "error is resolved. Visit https://sendgrid.com/docs/for-developers/sending-email/sender-identity/ to see " +
        "the Sender Identity requirements";
      refuse(failure(403, message, "from"), "from: not verified");
    }
    const messageId = randomText(16);
    const reply = { status: 202, headers: { "x-message-id": messageId } };
    return { ...subject, target: subject.target ?? "", payload: mail, accept: () => ({ reply, messageId }) };
  };
  return { name: "sendgrid", check, faults };
}

interface Problem {
  field: string;
  message: string;
}

function problem(mail: Record<string, unknown>): Problem | undefined {
  return additional(mail, FIELDS, "") ?? personalizationProblem(mail) ?? senderProblem(mail) ??
    contentProblem(mail.content) ?? headerProblem(mail.headers, "headers") ?? argsProblem(mail.custom_args);
}

function additional(value: Record<string, unknown>, fields: string[], path: string): Problem | undefined {
  const unknown = Object.keys(value).find((name) => !fields.includes(name));
  if (unknown) return { field: path + unknown, message: `Additional property ${unknown} is not allowed` };
}

function personalizationProblem({ personalizations, subject }: Record<string, unknown>): Problem | undefined {
  const field = "personalizations";
  if (!Array.isArray(personalizations)) {
    return { field, message: "The personalizations field is required and must have at least one personalization." };
  }
  if (personalizations.length === 0) return { field, message: "You must have at least one personalization." };
  if (personalizations.length > 1000) {
    return { field, message: "The personalization block is limited to 1000 personalizations per API request." };
  }
  const seen = new Set<string>();
  for (const [index, one] of personalizations.entries()) {
    const at = `${field}.${index}`;
    if (!isObject(one)) return { field: at, message: "Invalid type. Expected: object." };
    const unknown = additional(one, PERSONALIZATION_FIELDS, `${at}.`);
    if (unknown) return unknown;
    if (!Array.isArray(one.to) || one.to.length === 0) {
      return { field: `${at}.to`, message: "The to array is required for all personalization objects." };
    }
    for (const list of ["to", "cc", "bcc"]) {
      for (const [place, person] of (Array.isArray(one[list]) ? one[list] : []).entries()) {
        const where = `${at}.${list}.${place}.email`;
        if (!isPerson(person)) return { field: where, message: "Does not contain a valid address." };
        const email = `${person.email}`.toLowerCase();
        if (seen.has(`${index} ${email}`)) {
          const message = `Each email address in the personalization block should be unique between to, cc, and bcc. ` +
            `We found the first duplicate instance of [${email}] in the ${at}.${list} field.`;
          return { field: at, message };
        }
        seen.add(`${index} ${email}`);
      }
    }
    const title = one.subject ?? subject;
    if (typeof title !== "string" || title.length === 0 || /[\r\n]/.test(title)) {
      return {
        field: "subject",
        message: "The subject is required. You can get around this requirement if you use a template with a subject " +
          "defined or if every personalization has a subject defined.",
      };
    }
    const wrong = headerProblem(one.headers, `${at}.headers`);
    if (wrong) return wrong;
  }
}

function senderProblem({ from, reply_to }: Record<string, unknown>): Problem | undefined {
  if (!isObject(from)) {
    return {
      field: "from",
      message: "The from object must be provided for every email send. It is an object that requires the email " +
        "parameter, but may also contain a name parameter.",
    };
  }
  if (!isPerson(from)) return { field: "from.email", message: "The from email does not contain a valid address." };
  if (reply_to !== undefined && !isPerson(reply_to)) {
    return { field: "reply_to.email", message: "The reply_to email does not contain a valid address." };
  }
}

function contentProblem(content: unknown): Problem | undefined {
  if (!Array.isArray(content) || content.length === 0) {
    return { field: "content", message: "Unless a valid template_id is provided, the content parameter is required." };
  }
  for (const [index, part] of content.entries()) {
    const field = `content.${index}`;
    if (!isObject(part) || typeof part.type !== "string" || part.type.length === 0) {
      return { field: `${field}.type`, message: "The content type must be a string at least one character in length." };
    }
    if (typeof part.value !== "string" || part.value.length === 0) {
      return {
        field: `${field}.value`,
        message: "The content value must be a string at least one character in length.",
      };
    }
    const unknown = additional(part, ["type", "value"], `${field}.`);
    if (unknown) return unknown;
  }
  const types = content.map((part) => part.type);
  if (new Set(types).size < types.length) {
    return { field: "content", message: "If present, text/plain and text/html may only be provided once." };
  }
  if (types.includes("text/plain") && types[0] !== "text/plain") {
    return {
      field: "content",
      message: "If present, text/plain must be first, followed by text/html, followed by any other content.",
    };
  }
}

function headerProblem(headers: unknown, field: string): Problem | undefined {
  if (headers === undefined) return;
  if (!isObject(headers)) return { field, message: "Invalid type. Expected: object." };
  for (const [name, value] of Object.entries(headers)) {
    if (RESERVED_HEADERS.includes(name.toLowerCase())) {
      return { field: `${field}.${name}`, message: "You cannot use a reserved header." };
    }
    if (typeof value !== "string" || /[\r\n]/.test(value) || !/^[!-9;-~]+$/.test(name)) {
      return { field: `${field}.${name}`, message: "Headers must be ASCII names with values that are strings." };
    }
  }
}

function argsProblem(args: unknown): Problem | undefined {
  const field = "custom_args";
  if (args === undefined) return;
  if (!isObject(args)) return { field, message: "Invalid type. Expected: object." };
  for (const [name, value] of Object.entries(args)) {
    if (typeof value !== "string") {
      return { field: `${field}.${name}`, message: "Invalid type. Expected: string." };
    }
  }
  if (new TextEncoder().encode(JSON.stringify(args)).length > MAX_CUSTOM_ARGS) {
    return { field, message: "Custom arguments cannot exceed 10000 bytes." };
  }
}

function isPerson(value: unknown): value is { email: string } {
  return isObject(value) && typeof value.email === "string" && /^[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+$/.test(value.email) &&
    Object.keys(value).every((name) => name === "email" || name === "name");
}

function recipients({ personalizations }: Record<string, unknown>): string[] {
  const list: unknown[] = Array.isArray(personalizations) ? personalizations : [];
  return list.flatMap((one) => isObject(one) && Array.isArray(one.to) ? one.to : []).filter(isPerson)
    .map(({ email }) => email);
}

function limits(fault: Fault): Record<string, string> {
  const secs = fault.retryAfterSecs === undefined ? 1 : fault.retryAfterSecs;
  if (secs === null) return {};
  const reset = Math.ceil(Date.now() / 1000) + secs;
  return { "x-ratelimit-limit": "600", "x-ratelimit-remaining": "0", "x-ratelimit-reset": `${reset}` };
}

function unauthorized(): Reply {
  return failure(401, "The provided authorization grant is invalid, expired, or revoked");
}

function failure(status: number, message: string, field: string | null = null): Reply {
  const help = field === null ? null : `${HELP}#message.${field}`;
  return { status, body: { errors: [{ message, field, help }] } };
}
