/** The devices that the push providers know. */
import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { randomHex, randomText } from "./keys.ts";

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
  /** The browser's. */
  privateKey: KeyObject | null;
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

function browserKeys(): { p256dh: string; auth: string; privateKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const point = [Buffer.from([4]), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")];
  return { p256dh: Buffer.concat(point).toString("base64url"), auth: randomText(16), privateKey };
}
