/** Google's OAuth 2.0 token endpoint, for service accounts (RFC 7523). */
import { type KeyPair, randomText } from "./keys.ts";
import { type Definition, type Incoming, type MakeFault, nowSecs, Refusal } from "./service.ts";
import { TokenVerifier } from "./tokens.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/** Tolerated clock skew. */
const SKEW_SECS = 60;
const KNOWN_SCOPE = /^https:\/\/www\.googleapis\.com\/auth\/[\w.-]+$/;

export interface ServiceAccount {
  email: string;
  keyId: string;
  keys: KeyPair;
  /** The URL of the token endpoint. */
  tokenUri(): string;
  tokenSecs: number;
}

interface AccessToken {
  scopes: string[];
  expiresAt: number;
  /** Expired early, which its owner could not know. */
  isRevoked: boolean;
}

/** The access tokens that have been issued. */
export class AccessTokens {
  #tokens = new Map<string, AccessToken>();

  issue(scopes: string[], secs: number): string {
    const token = `ya29.c.${randomText(96)}`;
    this.#tokens.set(token, { scopes, expiresAt: Date.now() + secs * 1000, isRevoked: false });
    return token;
  }

  find(token: string): AccessToken | undefined {
    return this.#tokens.get(token);
  }

  /** Makes a token count as expired from now on. */
  expire(token: string): void {
    const known = this.#tokens.get(token);
    if (known) known.isRevoked = true;
  }
}

const faults = {
  internal_failure: () => ({ status: 500, body: { error: "internal_failure" } }),
  unavailable: () => ({ status: 503, body: { error: "temporarily_unavailable" } }),
  rate_limited: () => ({ status: 429, body: { error: "rate_limit_exceeded" } }),
  account_disabled: () => failure("invalid_grant", "Invalid grant: account not found"),
} satisfies Record<string, MakeFault>;

export type OauthFault = keyof typeof faults;

export function googleOauth(account: ServiceAccount, tokens: AccessTokens): Definition {
  const verifier = new TokenVerifier("RS256");
  const check = async (request: Incoming) => {
    if (request.path !== "/token") throw new Refusal({ status: 404 }, `no such path: ${request.path}`);
    if (request.method !== "POST") throw new Refusal({ status: 405 }, `method ${request.method}`);
    if (!/^application\/x-www-form-urlencoded\b/.test(request.headers["content-type"] ?? "")) {
      refuse("invalid_request", "the body is not a form", "Required parameter is missing: grant_type");
    }
    const form = new URLSearchParams(new TextDecoder().decode(request.body));
    if (form.get("grant_type") !== GRANT) {
      refuse("unsupported_grant_type", "grant_type", `Invalid grant_type: ${form.get("grant_type") ?? ""}`);
    }
    const token = await verifier.verify(form.get("assertion") ?? "", account.keys.publicKey);
    if (token === "malformed") refuse("invalid_grant", "malformed assertion", "Bad Request");
    if (typeof token === "string") refuse("invalid_grant", token, "Invalid JWT Signature.");
    const { header, claims: { iss, aud, scope, iat, exp } } = token;
    if (header.kid !== undefined && header.kid !== account.keyId) {
      refuse("invalid_grant", "kid", "Invalid JWT Signature.");
    }
    if (iss !== account.email) refuse("invalid_grant", "iss", "Invalid grant: account not found");
    if (aud !== account.tokenUri()) {
      refuse("invalid_grant", "aud", "Invalid JWT: Failed audience check. The right audience is the token endpoint.");
    }
    if (typeof iat !== "number" || typeof exp !== "number") {
      refuse("invalid_grant", "iat or exp missing", "Bad Request");
    }
    const now = nowSecs();
    if (iat > now + SKEW_SECS || exp < now - SKEW_SECS || exp - iat > 3600 || exp <= iat) {
      refuse(
        "invalid_grant",
        "iat or exp",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
          "Check your iat and exp values in the JWT claim.",
      );
    }
    const scopes = typeof scope === "string" ? scope.split(" ") : [];
    if (scopes.length === 0 || !scopes.every((one) => KNOWN_SCOPE.test(one))) {
      refuse("invalid_scope", "scope", "Invalid OAuth scope or ID token audience provided.");
    }
    return {
      target: account.email,
      deliveryId: null,
      notificationId: null,
      payload: { scopes },
      accept: () => ({
        reply: {
          status: 200,
          body: {
            access_token: tokens.issue(scopes, account.tokenSecs),
            expires_in: account.tokenSecs - 1,
            token_type: "Bearer",
          },
        },
        messageId: "",
      }),
    };
  };
  return { name: "google_oauth", check, faults };
}

function failure(error: string, error_description: string): { status: number; body: unknown } {
  return { status: 400, body: { error, error_description } };
}

function refuse(error: string, reason: string, description: string): never {
  throw new Refusal(failure(error, description), reason);
}
