/** A server on a free port of the loopback address. */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Exchange, Reply } from "./service.ts";

/** More than any provider accepts. */
const MAX_BODY = 32 * 1024 * 1024;

export interface Listener {
  port: number;
  /** Closes open connections and refuses new ones. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export async function listen(exchange: Exchange): Promise<Listener> {
  const connections = new Set<Socket>();
  let isDown = false;
  const server = createServer((request, response) =>
    serve(exchange, request, response).catch((error) => {
      console.error(error);
      response.socket?.destroy();
    })
  );
  // Closing an idle connection just as it is reused would look like an unplanned failure.
  server.keepAliveTimeout = 0;
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    socket.on("error", () => {});
    if (isDown) socket.destroy();
  });
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

async function serve(exchange: Exchange, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // The client disconnected.
  const body = await read(request).catch(() => undefined);
  if (!body) return void response.socket?.destroy();
  const { "x-connection": connection, ...headers } = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, `${value}`]),
  );
  const { method = "", url: path = "" } = request;
  const { reply, answered } = await exchange.answer({ method, path, headers, body, connection: connection ?? "" });
  if (response.destroyed) return;
  if (reply === "drop") return drop(response, connection !== undefined);
  write(response, reply);
  answered();
}

async function read(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error("the request is too large for any provider");
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** Behind tls-front.mjs the sender's connection is shared with other requests, so only this stream ends. */
function drop(response: ServerResponse, isShared: boolean): void {
  if (isShared) response.writeHead(502, { "x-drop": "1" }).end();
  else response.socket?.destroy();
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const kind = typeof body === "string" ? "text/plain" : "application/json";
  const type = body === undefined ? {} : { "content-type": `${kind}; charset=UTF-8` };
  const size = { "content-length": `${new TextEncoder().encode(text).length}` };
  response.writeHead(status, { ...type, ...size, ...headers }).end(text);
}
