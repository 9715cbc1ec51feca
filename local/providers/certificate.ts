/**
 * A certificate for 127.0.0.1 that signs itself (X.509 in DER), valid for a day. Deno, 2.1.4 as well as a current one,
 * trusts it for `fetch` and `node:http2` when DENO_CERT names its file. It says nothing of being an authority: rustls
 * refuses those as a server's own.
 */
import { sign } from "node:crypto";
import { Buffer } from "node:buffer";
import { ecKeys } from "./keys.ts";

const DAY_MS = 86_400_000;

export function selfSigned(): { key: string; cert: string } {
  const keys = ecKeys();
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const name = sequence(set(sequence(oid("550403"), utf8("127.0.0.1")))); // commonName
  const names = sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from("localhost")));
  const extensions = sequence(sequence(oid("551d11"), octets(names))); // subjectAltName
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.from(crypto.getRandomValues(new Uint8Array(8)).map((byte) => byte & 0x7f | 1))),
    algorithm,
    name,
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    Buffer.from(keys.publicKey),
    der(0xa3, extensions),
  );
  const signature = sign("sha256", body, keys.privateKey);
  const certificate = sequence(body, algorithm, bits(signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g)!.join("\n");
  return { key: keys.privateKey, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.length;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts);
const integer = (bytes: Uint8Array): Buffer => der(0x02, bytes);
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(new Date(ms).toISOString().replace(/\.\d+|[-:T]/g, "").slice(2)));
