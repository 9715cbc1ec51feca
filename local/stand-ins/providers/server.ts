/** A server on a free port of the loopback address, with HTTP/1.1, or with HTTP/2 only where a certificate is given. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Exchange, Reply } from "./service.ts";

/** More than any of the providers takes. */
const MAX_BODY = 32 * 1024 * 1024;

export interface Listener {
  port: number;
  /** Nobody can connect any more, and whoever was connected is cut off. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export async function listen(
  exchange: Exchange,
  tls?: { key: string; cert: string },
): Promise<Listener> {
  const connections = new Set<Socket>();
  let isDown = false;
  const handle = (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) =>
    serve(exchange, request, response).catch((error) => {
      // A client that goes away while it is being answered is no failure of ours.
      if (!response.destroyed) console.error(error);
      drop(response);
    });
  const server = tls ? createSecureServer({ ...tls, allowHTTP1: false }, handle) : createServer(handle);
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
    if (isDown) socket.destroy();
  });
  server.on("sessionError", () => {});
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => connections.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    down: () => {
      isDown = true;
      cut();
    },
    up: () => isDown = false,
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      cut();
      return closed;
    },
  };
}

async function serve(
  exchange: Exchange,
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const body = await read(request);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith(":") && value !== undefined) headers[name] = `${value}`;
  }
  const connection = "stream" in request ? request.stream.session ?? request.stream : request.socket;
  const incoming = { method: request.method ?? "", path: request.url ?? "", headers, body, connection };
  const { reply, answered } = await exchange.answer(incoming);
  if (reply === "drop") return drop(response);
  const gone = response.destroyed || ("stream" in response && response.stream?.destroyed);
  if (gone) return;
  write(response, reply);
  answered();
}

async function read(request: IncomingMessage | Http2ServerRequest): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("the request is too large for any provider");
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function write(response: ServerResponse | Http2ServerResponse, { status, headers, body }: Reply): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": "application/json; charset=UTF-8" };
  const all = { ...type, "content-length": `${new TextEncoder().encode(text).length}`, ...headers };
  // The two classes declare the same method apart from each other.
  if ("stream" in response) response.writeHead(status, all).end(text);
  else response.writeHead(status, all).end(text);
}

/** Without an answer: the connection of HTTP/1.1, the stream of HTTP/2 (its connection is shared with other requests). */
function drop(response: ServerResponse | Http2ServerResponse): void {
  if ("stream" in response) response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
}
