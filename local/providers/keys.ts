/** Keys that the providers would have given to their customer. */
import { createECDH, generateKeyPairSync } from "node:crypto";

export interface KeyPair {
  /** PKCS #8, PEM. */
  privateKey: string;
  /** SubjectPublicKeyInfo. */
  publicKey: Uint8Array<ArrayBuffer>;
}

export function rsaKeys(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
  };
}

export function ecKeys(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: new Uint8Array(publicKey.export({ type: "spki", format: "der" })),
  };
}

/** A private number and the uncompressed point of it, in base64url. */
export function pointKeys(): { privateKey: string; publicKey: string } {
  const keys = createECDH("prime256v1");
  const publicKey = keys.generateKeys("base64url");
  // A number that begins with zeros comes without them.
  const number = keys.getPrivateKey("hex").padStart(64, "0");
  return { privateKey: base64url(hex(number)), publicKey };
}

export function randomText(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

export function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function hex(text: string): Uint8Array {
  return new Uint8Array(text.match(/../g)!.map((byte) => parseInt(byte, 16)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
