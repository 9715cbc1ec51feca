/** Keys and secrets that the providers would have issued to their customer. */
import { Buffer } from "node:buffer";
import { createECDH, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import type { JWK } from "jose";

export interface KeyPair {
  /** PKCS #8, PEM. */
  privateKey: string;
  publicKey: JWK;
}

export function rsaKeys(): KeyPair {
  return exported(generateKeyPairSync("rsa", { modulusLength: 2048 }));
}

export function ecKeys(): KeyPair {
  return exported(generateKeyPairSync("ec", { namedCurve: "P-256" }));
}

function exported({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicKey: publicKey.export({ format: "jwk" }) as JWK,
  };
}

/** A private number of P-256 and its uncompressed point, in base64url. */
export function pointKeys(): { privateKey: string; publicKey: string } {
  const keys = createECDH("prime256v1");
  const publicKey = keys.generateKeys("base64url");
  // Node.js omits leading zeros.
  const number = keys.getPrivateKey("hex").padStart(64, "0");
  return { privateKey: Buffer.from(number, "hex").toString("base64url"), publicKey };
}

export function randomText(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
