/**
 * What stands in front of a Supabase project: turns API keys into tokens for /rest/v1, and calls functions under
 * /functions/v1. Bodies are streamed, never looked at.
 */
import { type Keys, signToken } from "./keys.ts";

export interface GatewayOptions {
  port: number;
  keys: Keys;
  postgrestUrl: string;
  /** Answers a request for the function `name`; undefined if there is none. */
  callFunction(name: string, request: Request): Promise<Response> | undefined;
}

/** Starts to listen on 127.0.0.1. */
export async function startGateway(options: GatewayOptions): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const { publishableKey, secretKey, jwtSecret } = options.keys;
  const bearers = new Map([
    [publishableKey, `Bearer ${await signToken(jwtSecret, { role: "anon" })}`],
    [secretKey, `Bearer ${await signToken(jwtSecret, { role: "service_role" })}`],
  ]);
  // As many connections as there are callers: PostgREST queues requests itself.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 100 });

  function rest(request: Request, path: string): Promise<Response> | Response {
    const headers = new Headers(request.headers);
    // A browser asks for permission before it sends the key; PostgREST answers that.
    if (request.method !== "OPTIONS") {
      const key = headers.get("apikey");
      const bearer = key === null ? undefined : bearers.get(key);
      if (!bearer) return problem(401, key === null ? "No API key found in request" : "Invalid API key");
      // A signed-in user's own token says more than the key. supabase-js sends the key as a bearer too.
      if (!/^Bearer ey[\w-]*\.[\w-]+\.[\w-]+$/.test(headers.get("authorization") ?? "")) {
        headers.set("authorization", bearer);
      }
      headers.delete("apikey");
    }
    // What comes back is passed on as it is: compressing it on one machine only costs time.
    headers.set("accept-encoding", "identity");
    return fetch(options.postgrestUrl + path, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      client,
    });
  }

  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: options.port,
      onListen: () => {},
      onError: (error) => problem(502, `${error}`),
    },
    (request) => {
      const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
      const path = request.url.slice(start);
      if (path.startsWith("/rest/v1/")) return rest(request, path.slice("/rest/v1".length));
      const name = /^\/functions\/v1\/([^/?#]+)/.exec(path)?.[1];
      const answer = name && options.callFunction(name, request);
      return answer || problem(404, name ? "Requested function was not found" : "no Route matched with those values");
    },
  );
  server.finished.finally(() => client.close());
  return server;
}

function problem(status: number, message: string): Response {
  return Response.json({ message }, { status, headers: { "access-control-allow-origin": "*" } });
}
