/**
 * The API gateway of a project: turns API keys into tokens for /rest/v1 and /storage/v1, and forwards /functions/v1/<name>
 * to functions, whose bodies it streams. /storage/v1, /auth/v1 and /realtime/v1 are served by their stand-ins.
 */
import { type Keys, signToken } from "./keys.ts";
import { listenOn } from "./ports.ts";

export interface Backends {
  postgrestUrl: string;
  /** Forwards a request to the function `name`; undefined if there is no such function. */
  callFunction(name: string, request: Request): Promise<Response> | undefined;
  /** `path` is what follows /storage/v1. */
  storage(request: Request, path: string): Promise<Response>;
  /** `path` is what follows /auth/v1. */
  auth(request: Request, path: string): Promise<Response>;
  /** Upgrades the request to a WebSocket, for the role of its key. */
  realtime?: (request: Request, role: string) => Response;
}

export interface Gateway {
  readonly url: string;
  /** Starts forwarding; until then requests get 503. */
  open(backends: Backends): void;
  /** Resolves once the requests in progress are answered. */
  stop(): Promise<void>;
}

/**
 * Listens on 127.0.0.1, on any free port if `port` is 0. It starts before its backends, since they need its address, and
 * a port is only ours once we listen on it.
 */
export async function startGateway(port: number, keys: Keys): Promise<Gateway> {
  const { publishableKey, secretKey, jwtSecret } = keys;
  const roles = new Map([[publishableKey, "anon"], [secretKey, "service_role"]]);
  const bearers = new Map<string, string>();
  for (const [key, role] of roles) bearers.set(key, `Bearer ${await signToken(jwtSecret, { role })}`);
  // A connection for each caller: PostgREST queues requests itself.
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 100 });
  let backends: Backends | undefined;

  /** The headers with a token instead of the key; undefined if the key is not one of ours. */
  function authorized(request: Request): Headers | undefined {
    const headers = new Headers(request.headers);
    const bearer = bearers.get(headers.get("apikey") ?? "");
    if (!bearer) return undefined;
    // A user's own token takes precedence over the key. supabase-js also sends the key as a bearer token.
    if (!/^Bearer ey[\w-]*\.[\w-]+\.[\w-]+$/.test(headers.get("authorization") ?? "")) {
      headers.set("authorization", bearer);
    }
    headers.delete("apikey");
    return headers;
  }

  function rest(request: Request, url: string): Promise<Response> | Response {
    // A preflight request carries no key; PostgREST answers it.
    const headers = request.method === "OPTIONS" ? new Headers(request.headers) : authorized(request);
    if (!headers) return wrongKey(request.headers.get("apikey"));
    // Compression on one machine only costs time.
    headers.set("accept-encoding", "identity");
    return fetch(url, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      client,
    });
  }

  function storage(request: Request, path: string, backends: Backends): Promise<Response> | Response {
    // Public objects and signed URLs need no key.
    const isOpen = /^\/object\/(public|sign|upload\/sign)\//.test(path) && !request.headers.has("apikey");
    const headers = isOpen || request.method === "OPTIONS" ? request.headers : authorized(request);
    if (!headers) return wrongKey(request.headers.get("apikey"));
    return backends.storage(new Request(request, { headers }), path);
  }

  function auth(request: Request, path: string, backends: Backends): Promise<Response> | Response {
    const key = request.headers.get("apikey");
    return request.method === "OPTIONS" || roles.has(key ?? "") ? backends.auth(request, path) : wrongKey(key);
  }

  /** A WebSocket of a browser has no headers of its own, so the key is in the address. */
  function realtime(request: Request, backends: Backends): Response {
    const key = new URL(request.url).searchParams.get("apikey") ?? request.headers.get("apikey");
    const role = roles.get(key ?? "");
    if (!role) return wrongKey(key);
    return backends.realtime?.(request, role) ?? problem(404, "this stack was started without Realtime");
  }

  function answer(request: Request): Promise<Response> | Response {
    if (!backends) return problem(503, "The stack is still starting");
    const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
    const path = request.url.slice(start);
    if (path.startsWith("/rest/v1/")) return rest(request, backends.postgrestUrl + path.slice("/rest/v1".length));
    if (path.startsWith("/storage/v1/")) return storage(request, path.slice("/storage/v1".length), backends);
    if (path.startsWith("/auth/v1/")) return auth(request, path.slice("/auth/v1".length), backends);
    if (/^\/realtime\/v1\/websocket(\?|$)/.test(path)) return realtime(request, backends);
    const name = /^\/functions\/v1\/([^/?#]+)/.exec(path)?.[1];
    const called = name && backends.callFunction(name, request);
    return called || problem(404, name ? "Requested function was not found" : "no Route matched with those values");
  }

  const onError = (error: unknown) => problem(502, `${error}`);
  const server = listenOn(
    port,
    "PORT",
    () => Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {}, onError }, answer),
  );
  server.finished.finally(() => client.close());
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    open: (opened) => backends = opened,
    stop: () => server.shutdown(),
  };
}

function wrongKey(key: string | null): Response {
  return problem(401, key === null ? "No API key found in request" : "Invalid API key");
}

function problem(status: number, message: string): Response {
  return Response.json({ message }, { status, headers: { "access-control-allow-origin": "*" } });
}
