/** A browser's end of Web Push: its keys, and how it decrypts messages (RFC 8291). */
import { Buffer } from "node:buffer";
import { createECDH, type ECDH } from "node:crypto";
import ece from "http_ece";
import { randomText } from "./keys.ts";

export interface BrowserKeys {
  privateKey: ECDH;
  /** base64url. */
  auth: string;
}

const KEY_LENGTH_AT = 20;
const RECORD_SIZE_AT = 16;
const POINT_LENGTH = 65;
const TAG_LENGTH = 16;

export function newBrowserKeys(): BrowserKeys & { p256dh: string } {
  const privateKey = createECDH("prime256v1");
  return { privateKey, p256dh: privateKey.generateKeys("base64url"), auth: randomText(16) };
}

/** Throws why a browser cannot read the message. */
export function decrypt(body: Uint8Array, { privateKey, auth }: BrowserKeys): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  checkLimits(bytes);
  return ece.decrypt(bytes, { version: "aes128gcm", privateKey, authSecret: auth });
}

/** The limits that `http_ece` does not check: it reads any number of records, none included, and compressed points. */
function checkLimits(bytes: Buffer): void {
  const headerLength = KEY_LENGTH_AT + 1 + POINT_LENGTH;
  if (bytes.length < headerLength) throw new Error("shorter than its header");
  if (bytes[KEY_LENGTH_AT] !== POINT_LENGTH) throw new Error("the sender's public key is not 65 bytes long");
  const recordSize = bytes.readUInt32BE(RECORD_SIZE_AT);
  const record = bytes.length - headerLength;
  if (recordSize < TAG_LENGTH + 2) throw new Error("record size below 18");
  if (record > recordSize) throw new Error("more than one record");
  if (record === 0) throw new Error("no record");
}
