/** OpenAI: moderating one text. https://platform.openai.com/docs/api-reference/moderations */
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

/** The version that the name `omni-moderation-latest` stands for. */
const VERSION = "omni-moderation-2024-09-26";
const MODELS = ["omni-moderation-latest", VERSION, "text-moderation-latest"];
const FIELDS = ["input", "model"];

const faults = {
  invalid_api_key: () => wrongKey("sk-proj-…"),
  insufficient_quota: () =>
    failure(
      429,
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details.",
      "insufficient_quota",
    ),
  rate_limit_exceeded: (fault) => ({
    ...failure(
      429,
      "requests",
      "Rate limit reached for omni-moderation-latest in organization org-PSK6CE5O8J on requests per min (RPM): Limit 3, " +
        "Used 3, Requested 1. Please try again in 20s.",
      "rate_limit_exceeded",
    ),
    headers: { "x-ratelimit-limit-requests": "3", "x-ratelimit-reset-requests": "20s", ...retryAfter(fault, 20) },
  }),
  invalid_request: () => failure(400, "invalid_request_error", "Invalid value for 'input'."),
  server_error: (fault) => ({
    ...failure(500, "server_error", "The server had an error while processing your request. Sorry about that!"),
    headers: retryAfter(fault, null),
  }),
  overloaded: (fault) => ({
    ...failure(503, "server_error", "The engine is currently overloaded, please try again later."),
    headers: retryAfter(fault, null),
  }),
  malformed: () => ({ status: 200, body: '{"id": "modr-1", "model": "omni-moder' }),
  huge: () => ({ status: 200, body: huge() }),
  redirect: () => ({ status: 307, headers: { location: "https://elsewhere.example/v1/moderations" } }),
} satisfies Record<string, MakeFault>;

export type OpenAiFault = keyof typeof faults;

export function openAi(apiKey: string): Definition {
  const check = (request: Incoming) => {
    const { headers } = request;
    const body = parseJson(request.body);
    const input = isObject(body) ? textOrNull(body.input) : null;
    const subject = { target: input, deliveryId: null, notificationId: null };
    const refuse = (reply: Reply, reason: string): never => {
      throw new Refusal(reply, reason, subject);
    };
    const invalid = (message: string) => refuse(failure(400, "invalid_request_error", message), message);
    if (request.path !== "/v1/moderations") {
      refuse(failure(404, "invalid_request_error", `Invalid URL (${request.method} ${request.path})`), "path");
    }
    if (request.method !== "POST") refuse(failure(405, "invalid_request_error", "Not allowed"), "method");
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? "")?.[1];
    if (token !== apiKey) refuse(wrongKey(token ?? ""), "API key");
    if (!/^application\/json\b/.test(headers["content-type"] ?? "") || !isObject(body)) {
      return invalid("We could not parse the JSON body of your request.");
    }
    const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
    if (unknown) invalid(`Unrecognized request argument supplied: ${unknown}`);
    if (!MODELS.includes(`${body.model}`)) {
      refuse(failure(404, "invalid_request_error", "The model does not exist", "model_not_found"), "model");
    }
    if (!input) return invalid("Invalid value for 'input': expected a text that is not empty.");
    const id = `modr-${randomText(12)}`;
    const { flagged, scores } = scoresOf(input);
    const categories = Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, score >= 0.5]));
    const applied = Object.fromEntries(Object.keys(scores).map((name) => [name, ["text"]]));
    const results = [{ flagged, categories, category_scores: scores, category_applied_input_types: applied }];
    const reply = { status: 200, body: { id, model: VERSION, results } };
    return { ...subject, target: input, payload: body, accept: () => ({ reply, messageId: id }) };
  };
  return { name: "openai", check, faults };
}

function wrongKey(key: string): Reply {
  return failure(401, "invalid_request_error", `Incorrect API key provided: ${key}.`, "invalid_api_key");
}

function failure(status: number, type: string, message: string, code: string | null = null): Reply {
  return { status, body: { error: { message, type, param: null, code } } };
}
