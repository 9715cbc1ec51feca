/** Verifies JSON Web Tokens. A token is verified once: senders use theirs for thousands of requests. */
import { Buffer } from "node:buffer";

const ALGORITHMS = {
  RS256: { import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" } },
  ES256: { import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
} as const;

const CACHE_SIZE = 10_000;

export interface Jwt {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** What is wrong with a token. */
export type JwtProblem = "malformed" | "algorithm" | "signature";

export class JwtVerifier {
  #verified = new Map<string, Jwt>();

  constructor(private readonly algorithm: keyof typeof ALGORITHMS) {}

  /** `publicKey`: in the form of SubjectPublicKeyInfo, or a bare point (ES256). */
  async verify(token: string, publicKey: Uint8Array<ArrayBuffer>): Promise<Jwt | JwtProblem> {
    const cached = `${Buffer.from(publicKey).toString("base64")} ${token}`;
    const known = this.#verified.get(cached);
    if (known) return known;
    const jwt = parse(token);
    if (!jwt) return "malformed";
    if (jwt.header.alg !== this.algorithm) return "algorithm";
    if (!(await this.#isSigned(token, publicKey))) return "signature";
    if (this.#verified.size >= CACHE_SIZE) this.#verified.clear();
    this.#verified.set(cached, jwt);
    return jwt;
  }

  async #isSigned(token: string, publicKey: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { import: algorithm, verify } = ALGORITHMS[this.algorithm];
    const end = token.lastIndexOf(".");
    try {
      const format = publicKey.length === 65 ? "raw" : "spki";
      const key = await crypto.subtle.importKey(format, publicKey, algorithm, false, ["verify"]);
      const signature = Buffer.from(token.slice(end + 1), "base64url");
      return await crypto.subtle.verify(verify, key, signature, new TextEncoder().encode(token.slice(0, end)));
    } catch {
      return false;
    }
  }
}

function parse(token: string): Jwt | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return;
  const [header, claims] = token.split(".").map((part) => {
    try {
      return JSON.parse(Buffer.from(part, "base64url").toString());
    } catch {
      return undefined;
    }
  });
  if (typeof header !== "object" || typeof claims !== "object" || !header || !claims) return;
  return { header, claims };
}

export function nowSecs(): number {
  return Math.floor(Date.now() / 1000);
}
