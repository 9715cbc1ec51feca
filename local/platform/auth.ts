/**
 * Stand-in for Supabase Auth: the endpoints with which supabase-js signs in with a password, refreshes, reads the user and
 * signs out. Tokens are signed with the project's secret, as the real ones are. For development and tests only.
 */
import connect from "postgres";
import { errors } from "jose";
import { type Claims, random, signToken, verifyToken } from "../stack/keys.ts";
import { transaction } from "./transaction.ts";

export interface AuthOptions {
  /** As the superuser. */
  databaseUrl: string;
  /** Of the project, with its path. */
  url: string;
  jwtSecret: string;
  /** How long a token of a person is valid. */
  expirySecs: number;
}

interface User {
  id: string;
  email: string;
  [field: string]: unknown;
}

/** The version of the API whose errors these are. */
const API_VERSION = "2024-01-01";
/** Two tabs may exchange the same token at about the same time. */
const REUSE_SECS = 10;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers": "apikey, authorization, content-type, x-client-info, x-supabase-api-version",
  "access-control-expose-headers": "x-supabase-api-version",
  "access-control-max-age": "3600",
};

export class Auth {
  #sql: connect.Sql;

  constructor(private readonly options: AuthOptions) {
    this.#sql = connect(options.databaseUrl, { max: 2, onnotice: () => {}, fetch_types: false, idle_timeout: 10 });
  }

  /** `path` is what follows /auth/v1. */
  async answer(request: Request, path: string): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    const { pathname, searchParams } = new URL(path, this.options.url);
    const route = `${request.method} ${pathname}`;
    try {
      switch (route) {
        case "POST /token": {
          const body = await request.json().catch(() => null) ?? {};
          const grant = searchParams.get("grant_type");
          if (grant === "password") return json(200, await this.#signIn(text(body.email), text(body.password)));
          if (grant === "refresh_token") return json(200, await this.#refresh(text(body.refresh_token)));
          throw new Refusal(400, "unsupported_grant_type", `unsupported grant type \`${grant}\``);
        }
        case "GET /user":
          return json(200, await this.#user(await this.#claims(request)));
        case "POST /logout":
          await this.#signOut(await this.#claims(request), searchParams.get("scope") ?? "global");
          return new Response(null, { status: 204, headers: CORS });
        case "GET /settings":
          return json(200, { external: { email: true }, disable_signup: true, mailer_autoconfirm: true });
        case "GET /health":
          return json(200, { name: "Auth stand-in", version: "local" });
        default:
          throw new Refusal(404, "not_found", `the local stack has no ${route}`);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return json(error.status, { code: error.code, message: error.message });
    }
  }

  async stop(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  async #signIn(email: string, password: string) {
    const [known] = await this.#sql<{ id: string }[]>`
      update auth.users set last_sign_in_at = now()
      where email = lower(${email}) and deleted_at is null and email_confirmed_at is not null
        and encrypted_password = extensions.crypt(${password}, encrypted_password)
      returning id`;
    if (!known) throw new Refusal(400, "invalid_credentials", "Invalid login credentials");
    return await transaction(this.#sql, async (sql) => {
      const [session] = await sql<{ id: string }[]>`
        insert into auth.sessions (user_id) values (${known.id}) returning id`;
      return await this.#session(sql, session!.id, await this.#newToken(sql, session!.id));
    });
  }

  async #refresh(token: string) {
    const answer = await transaction(this.#sql, async (sql) => {
      const [given] = await sql<{ session: string; revoked: boolean; reusable: boolean }[]>`
        select t.session_id as session, t.revoked_at is not null as revoked,
          t.revoked_at > now() - ${REUSE_SECS} * interval '1 second' as reusable
        from auth.refresh_tokens t join auth.sessions s on s.id = t.session_id
        where t.token = ${token} for update of s`;
      if (!given) {
        return new Refusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
      }
      // Read again, because another exchange may have held the lock.
      const [active] = await sql<{ token: string; parent: string | null }[]>`
        select token, parent from auth.refresh_tokens where session_id = ${given.session} and revoked_at is null`;
      if (active?.token === token) {
        return await this.#session(sql, given.session, await this.#newToken(sql, given.session));
      }
      if (active && (active.parent === token || given.reusable)) {
        return await this.#session(sql, given.session, active.token);
      }
      // Somebody else may have it: nobody can go on with this session.
      await sql`delete from auth.sessions where id = ${given.session}`;
      return new Refusal(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
    });
    if (answer instanceof Refusal) throw answer;
    return answer;
  }

  /** Replaces the session's refresh token. */
  async #newToken(sql: connect.TransactionSql, session: string): Promise<string> {
    const [old] = await sql<{ token: string }[]>`
      update auth.refresh_tokens set revoked_at = now()
      where session_id = ${session} and revoked_at is null returning token`;
    const token = random(9);
    await sql`
      insert into auth.refresh_tokens (token, session_id, parent) values (${token}, ${session}, ${old?.token ?? null})`;
    return token;
  }

  async #session(sql: connect.TransactionSql, session: string, refreshToken: string) {
    const [row] = await sql<{ user: User; began: number }[]>`
      select ${userJson(sql)} as user, extract(epoch from s.created_at)::float8 as began
      from auth.sessions s join auth.users u on u.id = s.user_id where s.id = ${session}`;
    const { user, began } = row!;
    const now = Math.floor(Date.now() / 1000);
    const { url, jwtSecret, expirySecs } = this.options;
    const claims: Claims = {
      iss: url,
      sub: user.id,
      aud: "authenticated",
      exp: now + expirySecs,
      iat: now,
      email: user.email,
      phone: "",
      app_metadata: user.app_metadata,
      user_metadata: user.user_metadata,
      role: "authenticated",
      aal: "aal1",
      amr: [{ method: "password", timestamp: Math.floor(began) }],
      session_id: session,
      is_anonymous: false,
    };
    return {
      access_token: await signToken(jwtSecret, claims),
      token_type: "bearer",
      expires_in: expirySecs,
      expires_at: now + expirySecs,
      refresh_token: refreshToken,
      user,
    };
  }

  async #claims(request: Request): Promise<Claims> {
    const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!token) throw new Refusal(401, "no_authorization", "This endpoint requires a valid Bearer token");
    try {
      return await verifyToken(this.options.jwtSecret, token);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new Refusal(403, "bad_jwt", `invalid JWT: unable to parse or verify signature, ${error.message}`);
    }
  }

  async #user({ sub, session_id }: Claims): Promise<User> {
    const sql = this.#sql;
    const [row] = await sql<{ user: User; signed_in: boolean }[]>`
      select ${userJson(sql)} as user,
        exists (select from auth.sessions s where s.user_id = u.id and s.id::text = ${session_id ?? ""}) as signed_in
      from auth.users u where u.id::text = ${sub ?? ""} and u.deleted_at is null`;
    if (!row) throw new Refusal(403, "user_not_found", "User from sub claim in JWT does not exist");
    if (!row.signed_in) {
      throw new Refusal(403, "session_not_found", "Session from session_id claim in JWT does not exist");
    }
    return row.user;
  }

  /** Ends the person's sessions: this one (`local`), the `others`, or all (`global`). */
  async #signOut({ sub, session_id }: Claims, scope: string): Promise<void> {
    await this.#sql`
      delete from auth.sessions where user_id::text = ${sub ?? ""}
        and case ${scope} when 'local' then id::text = ${session_id ?? ""}
          when 'others' then id::text <> ${session_id ?? ""} else true end`;
  }
}

/** The row `u` of auth.users as clients see it. */
function userJson(sql: connect.Sql | connect.TransactionSql) {
  return sql`jsonb_build_object('id', u.id, 'aud', 'authenticated', 'role', 'authenticated', 'email', u.email,
    'email_confirmed_at', u.email_confirmed_at, 'confirmed_at', u.email_confirmed_at, 'phone', '',
    'last_sign_in_at', u.last_sign_in_at, 'app_metadata', '{"provider": "email", "providers": ["email"]}'::jsonb,
    'user_metadata', u.raw_user_meta_data, 'identities', '[]'::jsonb, 'created_at', u.created_at,
    'updated_at', u.updated_at, 'is_anonymous', false)`;
}

class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

function text(value: unknown): string {
  return typeof value === "string" && !value.includes("\0") ? value : "";
}

function json(status: number, body: unknown): Response {
  return Response.json(body, { status, headers: { ...CORS, "x-supabase-api-version": API_VERSION } });
}
