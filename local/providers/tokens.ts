/** Verifies JSON Web Tokens, each once: a sender uses the same token for thousands of requests. */
import { compactVerify, errors, type JWK } from "jose";
import { isObject, parseJson } from "./service.ts";

const CACHE_SIZE = 10_000;

export interface Token {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/** What is wrong with a token. */
export type TokenProblem = "malformed" | "algorithm" | "signature";

export class TokenVerifier {
  #verified = new Map<string, Token>();

  constructor(private readonly algorithm: "RS256" | "ES256") {}

  /** Verifies the signature alone: each provider has its own rules for the claims. */
  async verify(token: string, publicKey: JWK): Promise<Token | TokenProblem> {
    const cacheKey = `${JSON.stringify(publicKey)} ${token}`;
    const cached = this.#verified.get(cacheKey);
    if (cached) return cached;
    try {
      const { protectedHeader, payload } = await compactVerify(token, publicKey, { algorithms: [this.algorithm] });
      const claims = parseJson(payload);
      if (!isObject(claims)) return "malformed";
      const verified = { header: protectedHeader, claims };
      if (this.#verified.size >= CACHE_SIZE) this.#verified.clear();
      this.#verified.set(cacheKey, verified);
      return verified;
    } catch (error) {
      if (error instanceof errors.JOSEAlgNotAllowed) return "algorithm";
      if (error instanceof errors.JWSSignatureVerificationFailed) return "signature";
      if (error instanceof errors.JWSInvalid) return "malformed";
      throw error;
    }
  }
}
