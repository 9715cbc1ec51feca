/** Serves the pages of web/demo and the console, as they were built, for a stack. */
import { consolePolicy } from "../tools/console.ts";
import { ROOT } from "../tools/paths.ts";
import { listenOn } from "./ports.ts";

export interface Pages {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PagesOptions {
  /** 0, the default, selects a free one. */
  port?: number;
  /** The address of the project, and its publishable key. */
  url: string;
  key: string;
  /** Offers pushes to browsers. */
  vapidPublicKey?: string;
  /** Where they were built, if elsewhere. */
  folder?: string;
}

const BUILT = `${ROOT}/web/demo/dist`;
const WORKER = `${ROOT}/web/notifications/worker.js`;

const TYPES: Record<string, string> = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json",
  svg: "image/svg+xml",
  wasm: "application/wasm",
};

/** What the pages may load: their own files, pictures, and the project. */
function policy(url: string): string {
  const socket = url.replace(/^http/, "ws");
  return `default-src 'self'; img-src 'self' data: blob: ${url}; style-src 'self' 'unsafe-inline'; connect-src 'self' ${url} ${socket}`;
}

export function servePages({ port = 0, url, key, vapidPublicKey, folder = BUILT }: PagesOptions): Pages {
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/config.json") return Response.json({ url, key, vapidPublicKey });
    const file = pathname === "/notifications-worker.js" ? WORKER : `${folder}${pathname}`;
    // Built files have names with a hash; every other path is one of the app's.
    const found = /^\/(assets\/[\w.-]+|notifications-worker\.js)$/.test(pathname) ? file : `${folder}/index.html`;
    const body = await read(found);
    if (!body) return new Response("not found", { status: 404 });
    const type = TYPES[found.split(".").at(-1)!] ?? "application/octet-stream";
    return new Response(body, { headers: { "content-type": type, "content-security-policy": policy(url) } });
  };
  const server = listenOn(
    port,
    "WEB_PORT",
    () => Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer),
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

const CONSOLE = `${ROOT}/web/console/dist`;

/** Serves the folder of the console as any host of static files does, with its policy. */
export function serveConsole({ port = 0, url, key, folder = CONSOLE }: Omit<PagesOptions, "vapidPublicKey">): Pages {
  const headers = {
    "content-security-policy": consolePolicy(url),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  };
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/config.json") return Response.json({ url, key }, { headers });
    const path = pathname === "/" ? "/index.html" : pathname;
    const body = /^\/(index\.html|assets\/[\w.-]+)$/.test(path) ? await read(`${folder}${path}`) : undefined;
    if (!body) return new Response("not found", { status: 404 });
    const type = TYPES[path.split(".").at(-1)!] ?? "application/octet-stream";
    return new Response(body, { headers: { ...headers, "content-type": type } });
  };
  const server = listenOn(
    port,
    "CONSOLE_PORT",
    () => Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, answer),
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

async function read(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return await Deno.readFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
}
