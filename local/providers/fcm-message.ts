/**
 * What FCM's HTTP v1 API takes as a message: the documented fields of a message to one device, and their types.
 * https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages
 */
import { isObject } from "./service.ts";

/** The expected type, or undefined when the value matches. */
type Type = (value: unknown) => string | undefined;
interface Fields {
  [name: string]: Type | Fields;
}

const text: Type = (value) => typeof value === "string" ? undefined : "TYPE_STRING";
const flag: Type = (value) => typeof value === "boolean" ? undefined : "TYPE_BOOL";
const int: Type = (value) =>
  Number.isInteger(typeof value === "string" ? Number(value) : value) ? undefined : "TYPE_INT32";
const duration: Type = (value) =>
  typeof value === "string" && /^\d+(\.\d{1,9})?s$/.test(value)
    ? undefined
    : "type.googleapis.com/google.protobuf.Duration";
const moment: Type = (value) =>
  typeof value === "string" && !Number.isNaN(Date.parse(value))
    ? undefined
    : "type.googleapis.com/google.protobuf.Timestamp";
const texts: Type = (value) =>
  isObject(value) && Object.values(value).every((one) => typeof one === "string") ? undefined : "TYPE_STRING";
const list = (of: Type): Type => (value) => Array.isArray(value) ? value.map(of).find((type) => type) : "TYPE_LIST";
const struct: Type = (value) => isObject(value) ? undefined : "type.googleapis.com/google.protobuf.Struct";
const oneOf = (...names: string[]): Type => (value) =>
  typeof value === "string" && names.includes(value.toUpperCase()) ? undefined : "TYPE_ENUM";

const fcm_options: Fields = { analytics_label: text };

const MESSAGE: Fields = {
  name: text,
  data: texts,
  notification: { title: text, body: text, image: text },
  android: {
    collapse_key: text,
    priority: oneOf("NORMAL", "HIGH"),
    ttl: duration,
    restricted_package_name: text,
    data: texts,
    notification: {
      title: text,
      body: text,
      icon: text,
      color: text,
      sound: text,
      tag: text,
      click_action: text,
      body_loc_key: text,
      body_loc_args: list(text),
      title_loc_key: text,
      title_loc_args: list(text),
      channel_id: text,
      ticker: text,
      sticky: flag,
      event_time: moment,
      local_only: flag,
      notification_priority: oneOf(
        "PRIORITY_UNSPECIFIED",
        "PRIORITY_MIN",
        "PRIORITY_LOW",
        "PRIORITY_DEFAULT",
        "PRIORITY_HIGH",
        "PRIORITY_MAX",
      ),
      default_sound: flag,
      default_vibrate_timings: flag,
      default_light_settings: flag,
      vibrate_timings: list(duration),
      visibility: oneOf("VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"),
      notification_count: int,
      light_settings: struct,
      image: text,
      bypass_proxy_notification: flag,
      proxy: oneOf("PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"),
    },
    fcm_options,
    direct_boot_ok: flag,
    bandwidth_constrained_ok: flag,
    restricted_satellite_ok: flag,
  },
  webpush: {
    headers: texts,
    data: texts,
    notification: struct,
    fcm_options: { ...fcm_options, link: text },
  },
  apns: {
    headers: texts,
    payload: struct,
    live_activity_token: text,
    fcm_options: { ...fcm_options, image: text },
  },
  fcm_options,
  token: text,
  topic: text,
  condition: text,
};

/** What is wrong with the body of a request, in Google's words. */
export interface Violation {
  field: string;
  description: string;
}

/** The first field that is unknown or has the wrong type. */
export function violation(body: unknown): Violation | undefined {
  return find(body, { validate_only: flag, message: MESSAGE }, "");
}

function find(value: unknown, fields: Fields, path: string): Violation | undefined {
  if (!isObject(value)) {
    return { field: path, description: `Invalid value at '${path}' (TYPE_MESSAGE), ${JSON.stringify(value)}` };
  }
  for (const [name, inner] of Object.entries(value)) {
    // Proto3 JSON accepts both spellings of a name.
    const known = fields[name] ?? fields[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    if (!known) {
      const place = path ? ` at '${path}'` : "";
      return {
        field: path,
        description: `Invalid JSON payload received. Unknown name "${name}"${place}: Cannot find field.`,
      };
    }
    const at = path ? `${path}.${name}` : name;
    if (typeof known !== "function") {
      const found = find(inner, known, at);
      if (found) return found;
      continue;
    }
    const type = known(inner);
    if (type) return { field: at, description: `Invalid value at '${at}' (${type}), ${JSON.stringify(inner)}` };
  }
}

/** Keys of `data` that FCM reserves. */
export function isReserved(key: string): boolean {
  return key === "from" || key === "message_type" || key === "collapse_key" || /^(google|gcm)(\.|$)/.test(key);
}

/** Size in bytes of the keys and texts sent to the device. */
export function payloadSize(message: Record<string, unknown>): number {
  const { notification, data, android } = message;
  const own = isObject(android) ? { notification: android.notification, data: android.data } : {};
  return size(notification) + size(data) + size(own.notification) + size(own.data);
}

function size(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + size(key) + size(inner), 0);
}
