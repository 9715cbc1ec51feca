"use client";
/** Web Push: the service worker, the subscription, and the device in the project. */
import { useCallback, useEffect, useState } from "react";
import { call, type Client } from "./client.js";
import { useShared } from "./provider.js";

export interface PushOptions {
  /** VAPID_PUBLIC_KEY of the project. */
  publicKey: string;
  /** Where the app serves worker.js of this package, or its own. */
  workerUrl?: string;
  /** How the person would call this device. */
  deviceName?: string;
}

export interface Push {
  state: "loading" | "unsupported" | "denied" | "off" | "on";
  isBusy: boolean;
  error: Error | null;
  turn(on: boolean): void;
}

export function usePush({ publicKey, workerUrl = "/notifications-worker.js", deviceName }: PushOptions): Push {
  const { client, person } = useShared();
  const [state, setState] = useState<Push["state"]>("loading");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  const run = useCallback(async (work: () => Promise<Push["state"]>) => {
    setBusy(true);
    setError(null);
    try {
      setState(await work());
    } catch (problem) {
      setError(problem instanceof Error ? problem : new Error(String(problem)));
      setState(await currentState(workerUrl).catch(() => "off" as const));
    } finally {
      setBusy(false);
    }
  }, [workerUrl]);

  useEffect(() => {
    if (!person) return;
    void run(async () => {
      const current = await currentState(workerUrl);
      // Tells the project that the device is still there, and whose it is.
      if (current === "on") await subscribe(client, publicKey, workerUrl, deviceName);
      return current;
    });
  }, [client, person, publicKey, workerUrl, deviceName, run]);

  return {
    state,
    isBusy,
    error,
    turn: (on) =>
      void run(async () => {
        if (on) await subscribe(client, publicKey, workerUrl, deviceName);
        else await unsubscribe(client, workerUrl);
        return await currentState(workerUrl);
      }),
  };
}

async function currentState(workerUrl: string): Promise<Push["state"]> {
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis)) return "unsupported";
  if (globalThis.Notification.permission === "denied") return "denied";
  return await subscriptionOf(workerUrl) ? "on" : "off";
}

async function subscriptionOf(workerUrl: string): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(workerUrl);
  return await registration?.pushManager.getSubscription() ?? null;
}

async function subscribe(client: Client, publicKey: string, workerUrl: string, name?: string): Promise<void> {
  if (await globalThis.Notification.requestPermission() !== "granted") return;
  const registration = await navigator.serviceWorker.register(workerUrl);
  await navigator.serviceWorker.ready;
  const key = bytes(publicKey);
  let subscription = await registration.pushManager.getSubscription();
  // One for another key gets nothing any more.
  if (subscription && !equal(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe();
    subscription = null;
  }
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription.toJSON();
  await call(client, "register_device", {
    p_provider: "web_push",
    p_token: endpoint!,
    p_p256dh: keys!.p256dh!,
    p_auth: keys!.auth!,
    ...(name ? { p_name: name } : {}),
  });
}

/** Call it before the person signs out, too: the next one at this device gets no pushes of theirs. */
export async function unsubscribe(client: Client, workerUrl = "/notifications-worker.js"): Promise<void> {
  const subscription = await subscriptionOf(workerUrl);
  if (!subscription) return;
  await call(client, "unregister_device", { p_provider: "web_push", p_token: subscription.endpoint });
  await subscription.unsubscribe();
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function equal(a: ArrayBuffer | null, b: Uint8Array): boolean {
  const bytes = a && new Uint8Array(a);
  return bytes?.length === b.length && bytes.every((byte, i) => byte === b[i]);
}
