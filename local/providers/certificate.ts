/**
 * A self-signed certificate for 127.0.0.1, valid for a day. `fetch` and `node:http2` of Deno trust it when DENO_CERT
 * names its file. It has no basic constraints: rustls rejects a CA certificate as a server's own.
 */
import { generate } from "selfsigned";

const DAY_MS = 86_400_000;

export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const pems = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - DAY_MS),
    notAfterDate: new Date(Date.now() + DAY_MS),
    extensions: [{
      name: "subjectAltName",
      altNames: [{ type: 7, ip: "127.0.0.1" }, { type: 2, value: "localhost" }],
    }],
  });
  return { key: pems.private, cert: pems.cert };
}
