/** Messages of Phoenix's WebSocket protocol, versions 1.0.0 (objects) and 2.0.0 (arrays, and frames for broadcasts). */

export interface Message {
  joinRef: string | null;
  ref: string | null;
  topic: string;
  event: string;
  // deno-lint-ignore no-explicit-any
  payload: any;
}

export type Version = "1.0.0" | "2.0.0";

export class BadFrame extends Error {}

export function encode(message: Message, version: Version): string {
  const { joinRef, ref, topic, event, payload } = message;
  if (version === "1.0.0") return JSON.stringify({ join_ref: joinRef, ref, topic, event, payload });
  return JSON.stringify([joinRef, ref, topic, event, payload]);
}

/** Throws BadFrame. */
export function decode(frame: string | ArrayBuffer, version: Version): Message {
  if (typeof frame !== "string") return decodeBroadcast(new Uint8Array(frame));
  const value = parse(frame);
  const fields = version === "2.0.0" && Array.isArray(value)
    ? value
    : [value?.join_ref, value?.ref, value?.topic, value?.event, value?.payload];
  const [joinRef, ref, topic, event, payload] = fields;
  if (typeof topic !== "string" || typeof event !== "string") throw new BadFrame("a message has no topic or event");
  return { joinRef: joinRef ?? null, ref: ref ?? null, topic, event, payload: payload ?? {} };
}

const BROADCAST_PUSH = 3;
const JSON_PAYLOAD = 1;

/** A byte for the kind, five lengths, the encoding of the payload, five texts, the payload. */
function decodeBroadcast(bytes: Uint8Array): Message {
  const [kind, ...header] = bytes.subarray(0, 7);
  if (kind !== BROADCAST_PUSH || header.length < 6) throw new BadFrame(`an unknown kind of frame: ${kind}`);
  const encoding = header[5];
  let at = 7;
  const [joinRef, ref, topic, event] = header.slice(0, 5).map((length) => {
    const text = new TextDecoder().decode(bytes.subarray(at, at + length));
    at += length;
    return text;
  }) as [string, string, string, string, string];
  if (encoding !== JSON_PAYLOAD) throw new BadFrame("the stand-in takes only broadcasts in JSON");
  const payload = parse(new TextDecoder().decode(bytes.subarray(at)));
  return { joinRef, ref, topic, event: "broadcast", payload: { type: "broadcast", event, payload } };
}

// deno-lint-ignore no-explicit-any
function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadFrame("a message is not JSON");
  }
}
