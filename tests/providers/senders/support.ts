/** For the tests of the senders: keys, a server that records its requests, and a sender with given secrets. */
import type { Delivery, Reply } from "../../../supabase/functions/_shared/core.ts";
import { newDeliver } from "../../../supabase/functions/_shared/providers/index.ts";

export interface Asked {
  method: string;
  path: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

export interface Loopback extends AsyncDisposable {
  url: string;
  asked: Asked[];
}

/** Answers on a free port of the loopback address. */
export function serve(answer: (asked: Asked) => Response | Promise<Response>): Loopback {
  const asked: Asked[] = [];
  const controller = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: controller.signal },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = new Uint8Array(await request.arrayBuffer());
      const one = { method: request.method, path: pathname + search, headers: request.headers, body };
      asked.push(one);
      return await answer(one);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await server.finished;
    },
  };
}

/** An address without a server. */
export function nowhere(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}

export interface Clock {
  ms: number;
}

/** A sender with these secrets and this clock. */
export function sender(
  secrets: Record<string, string>,
  clock?: Clock,
): (delivery: Delivery) => Promise<Reply> {
  const deliver = newDeliver((name) => secrets[name], clock ? () => clock.ms : Date.now);
  return (delivery) => deliver(JSON.stringify(delivery));
}

export function text(reply: Reply): string {
  return new TextDecoder().decode(reply.body);
}

export const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
export const RS256 = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

export async function keyPair(algorithm: typeof ES256 | typeof RS256): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
}

/** PKCS #8 in PEM. */
export async function pem(key: CryptoKey): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", key));
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g)!;
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}
