/** Who calls Storage, what their tokens say, and the database with their permissions. */
import connect from "postgres";
import { jwtVerify, SignJWT } from "jose";
import { transaction } from "../transaction.ts";
import { Refusal } from "./refusal.ts";

export interface Caller {
  role: string;
  claims: Record<string, unknown>;
}

export const SERVICE: Caller = { role: "service_role", claims: { role: "service_role" } };

export class Access implements AsyncDisposable {
  /** With all permissions. */
  readonly sql: connect.Sql;
  #secret: Uint8Array;

  constructor(adminUrl: string, jwtSecret: string) {
    this.sql = connect(adminUrl, { max: 8, onnotice: () => {}, fetch_types: false });
    this.#secret = new TextEncoder().encode(jwtSecret);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sql.end({ timeout: 5 });
  }

  /** Makes a change with the permissions of the caller, and rolls it back. */
  async probe(caller: Caller, work: (sql: connect.TransactionSql) => Promise<unknown>): Promise<void> {
    const done = Symbol();
    await this.as(caller, async (sql) => {
      await work(sql);
      throw done;
    }).catch((error) => {
      if (error !== done) throw error;
    });
  }

  /** Runs a transaction with the permissions of the caller. */
  async as<T>(caller: Caller, work: (sql: connect.TransactionSql) => Promise<T>): Promise<T> {
    return await transaction(this.sql, async (sql) => {
      await sql`select set_config('role', ${caller.role}, true),
        set_config('request.jwt.claims', ${JSON.stringify(caller.claims)}, true)`;
      return await work(sql);
    });
  }

  /** Who makes a request, by its token. */
  async caller(request: Request): Promise<Caller> {
    const token = /^Bearer (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (!token) return { role: "anon", claims: { role: "anon" } };
    try {
      const { payload } = await jwtVerify(token, this.#secret);
      return { role: String(payload.role), claims: payload };
    } catch (error) {
      throw new Refusal(403, "Unauthorized", String(error));
    }
  }

  /** A token for one thing that may be done with one object. */
  token(claims: Record<string, unknown>, secs: number): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: "HS256" })
      .setExpirationTime(Math.floor(Date.now() / 1000) + secs).sign(this.#secret);
  }

  /** The claims of a token for this. */
  async verified(token: string | null, purpose: string, bucket: string, path: string) {
    try {
      const { payload } = await jwtVerify(token ?? "", this.#secret);
      if (payload.for === purpose && payload.bucket === bucket && payload.path === path) return payload;
    } catch {
      // Refused below, like a token for something else.
    }
    throw new Refusal(400, "InvalidJWT", "jwt is not valid for this object");
  }
}
