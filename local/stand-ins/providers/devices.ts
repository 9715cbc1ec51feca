/** The devices that the push providers know. */
import { createECDH } from "node:crypto";
import { pointKeys, randomHex, randomText } from "./keys.ts";

export type PushProvider = "fcm" | "apns" | "web_push";

/** As an app stores it. */
export interface Device {
  provider: PushProvider;
  token: string;
  /** Of web_push: the browser's public key and the shared secret, in base64url. */
  p256dh: string | null;
  auth: string | null;
}

export interface KnownDevice extends Device {
  /** Since when the app is gone from it, in milliseconds. */
  retiredAt: number | undefined;
  /** The browser's private key, in base64url. */
  privateKey: string | null;
}

export class Devices {
  #known = new Map<string, KnownDevice>();

  /** `origin`: of the push service of web_push. */
  add(provider: PushProvider, origin: string): Device {
    const device = { provider, token: newToken(provider, origin), p256dh: null, auth: null };
    const keys = provider === "web_push" ? browserKeys() : { p256dh: null, auth: null, privateKey: null };
    const { privateKey, ...known } = { ...device, ...keys };
    this.#known.set(known.token, { ...known, privateKey, retiredAt: undefined });
    return known;
  }

  find(provider: PushProvider, token: string): KnownDevice | undefined {
    const device = this.#known.get(token);
    return device?.provider === provider ? device : undefined;
  }

  /** The app is removed from the device; its token never works again. */
  retire(token: string): void {
    const device = this.#known.get(token);
    if (device) device.retiredAt ??= Date.now();
  }
}

function newToken(provider: PushProvider, origin: string): string {
  if (provider === "fcm") return `${randomText(16)}:APA91b${randomText(100)}`;
  if (provider === "apns") return randomHex(32);
  return `${origin}/push/${randomText(24)}`;
}

function browserKeys(): { p256dh: string; auth: string; privateKey: string } {
  const { publicKey, privateKey } = pointKeys();
  return { p256dh: publicKey, auth: randomText(16), privateKey };
}

/** The secret that the owner of a private key shares with the owner of a public one. */
export function sharedSecret(privateKey: string, publicKey: Uint8Array): Uint8Array {
  const keys = createECDH("prime256v1");
  keys.setPrivateKey(privateKey, "base64url");
  return keys.computeSecret(publicKey);
}
