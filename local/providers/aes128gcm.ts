/** Decrypts a push message as the browser does: RFC 8291 over RFC 8188, with Node's own primitives. */
import { Buffer } from "node:buffer";
import { createDecipheriv, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from "node:crypto";

const TAG = 16;
/** Salt, record size, length of the key's id. */
const HEADER = 21;

/** Throws what a browser would not be able to read, and why. */
export function decrypt(
  body: Uint8Array,
  subscription: { p256dh: string; auth: string; privateKey: KeyObject },
): Uint8Array {
  if (body.length < HEADER) throw new Error("shorter than its header");
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const salt = bytes.subarray(0, 16);
  const recordSize = bytes.readUInt32BE(16);
  const keyLength = bytes[20]!;
  if (keyLength !== 65) throw new Error("the sender's public key is not 65 bytes long");
  const senderKey = bytes.subarray(HEADER, HEADER + keyLength);
  const record = bytes.subarray(HEADER + keyLength);
  if (recordSize < TAG + 2) throw new Error("records too small");
  if (record.length > recordSize) throw new Error("more than one record");
  if (record.length < TAG + 1) throw new Error("no record");

  const browserKey = Buffer.from(subscription.p256dh, "base64url");
  const secret = diffieHellman({ privateKey: subscription.privateKey, publicKey: fromPoint(senderKey) });
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browserKey, senderKey]);
  const inputKey = derive(secret, Buffer.from(subscription.auth, "base64url"), info, 32);
  const contentKey = derive(inputKey, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = derive(inputKey, salt, Buffer.from("Content-Encoding: nonce\0"), 12);

  const decipher = createDecipheriv("aes-128-gcm", contentKey, nonce);
  decipher.setAuthTag(record.subarray(-TAG));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -TAG)), decipher.final()]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== 2) throw new Error("no delimiter of the last record");
  return padded.subarray(0, end);
}

function fromPoint(point: Buffer): KeyObject {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((number) => number.toString("base64url"));
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
}

function derive(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", key, salt, info, length));
}
