/**
 * Speaks HTTP/2 with TLS to senders, and HTTP/1.1 to the stand-ins behind it. Runs under Node.js: the HTTP/2 server of
 * Deno 2.9 ends its whole process (in nghttp2) when a client goes away with requests under way.
 *
 *     node tls-front.mjs <folder>     front.json there: {key, cert, services: [{name, port, allowHTTP1}]}
 */
import { readFileSync } from "node:fs";
import { Agent, request as ask } from "node:http";
import { constants, createSecureServer } from "node:http2";

const { key, cert, services } = JSON.parse(readFileSync(`${process.argv[2]}/front.json`, "utf8"));
const agent = new Agent({ keepAlive: true });
const OF_A_HOP = ["connection", "keep-alive", "transfer-encoding"];

const listening = services.map(({ name, port, allowHTTP1 }) => {
  const connections = new Map();
  const server = createSecureServer({ key, cert, allowHTTP1 }, (request, response) => {
    const session = request.stream?.session;
    if (session && !connections.has(session)) {
      connections.set(session, crypto.randomUUID());
      session.on("close", () => connections.delete(session));
    }
    const headers = Object.entries(request.headers).filter(([name]) =>
      !name.startsWith(":") && !OF_A_HOP.includes(name)
    );
    headers.push(["x-connection", connections.get(session) ?? ""]);
    const { method, url: path } = request;
    const inner = ask({ host: "127.0.0.1", port, method, path, headers: Object.fromEntries(headers), agent });
    inner.on("response", (answer) => {
      if (answer.headers["x-drop"]) {
        answer.resume();
        // Only the one stream: others of its connection are answered.
        if (session) request.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        else request.socket.destroy();
        return;
      }
      const own = Object.entries(answer.headers).filter(([name]) => !OF_A_HOP.includes(name));
      response.writeHead(answer.statusCode, Object.fromEntries(own));
      answer.pipe(response);
    });
    // The service is down.
    inner.on("error", () => session ? session.destroy() : request.socket?.destroy());
    request.on("error", () => {});
    response.on("error", () => {});
    response.on("close", () => inner.destroy());
    request.pipe(inner);
  });
  for (const event of ["sessionError", "tlsClientError", "clientError"]) server.on(event, () => {});
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve([name, server.address().port])));
});

console.log(`Listening ${JSON.stringify(Object.fromEntries(await Promise.all(listening)))}`);
