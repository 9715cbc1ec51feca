/** The devices known to the push providers. */
import { type BrowserKeys, newBrowserKeys } from "./browser.ts";
import { randomHex, randomText } from "./keys.ts";

export type PushProvider = "fcm" | "apns" | "web_push";

/** As an app stores it. */
export interface Device {
  provider: PushProvider;
  token: string;
  /** For web_push: the browser's public key and the shared secret, in base64url. */
  p256dh: string | null;
  auth: string | null;
}

export interface KnownDevice extends Device {
  /** When the app was uninstalled, in milliseconds. */
  retiredAt: number | undefined;
  /** For web_push. */
  browser: BrowserKeys | null;
}

export class Devices {
  #known = new Map<string, KnownDevice>();

  /** `origin`: the push service of web_push. */
  add(provider: PushProvider, origin: string): Device {
    const browser = provider === "web_push" ? newBrowserKeys() : null;
    const device = {
      provider,
      token: newToken(provider, origin),
      p256dh: browser?.p256dh ?? null,
      auth: browser?.auth ?? null,
    };
    this.#known.set(device.token, { ...device, browser, retiredAt: undefined });
    return device;
  }

  find(provider: PushProvider, token: string): KnownDevice | undefined {
    const device = this.#known.get(token);
    return device?.provider === provider ? device : undefined;
  }

  /** Uninstalls the app: the token never works again. */
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
