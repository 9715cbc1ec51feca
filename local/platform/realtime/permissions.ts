/** What a person may hear and send, as the policies of the database say. Each check is rolled back. */
import connect from "postgres";
import type { Claims } from "../../stack/keys.ts";
import { transaction } from "../transaction.ts";
import type { RowChange } from "./pgoutput.ts";

/** The roles that PostgREST may switch to, and so a token may name. */
const ROLES = ["anon", "authenticated", "service_role"];

export interface Seen {
  columns: { name: string; type: string }[];
  record: Record<string, unknown>;
}

export class Permissions {
  #sql: connect.Sql;

  /** As the superuser, who may become any role. */
  constructor(databaseUrl: string) {
    this.#sql = connect(databaseUrl, { max: 2, onnotice: () => {}, fetch_types: false, idle_timeout: 10 });
  }

  /** Whether the person may select a message of the topic. */
  async mayHear(topic: string, claims: Claims): Promise<boolean> {
    return await this.#as(topic, claims, async (sql, become) => {
      const [message] = await sql<{ id: string }[]>`
        insert into realtime.messages (topic, extension, private) values (${topic}, 'broadcast', true) returning id`;
      await become();
      return (await sql`select from realtime.messages where topic = ${topic} and id = ${message!.id}`).length > 0;
    });
  }

  /** Whether the person may insert a message of the topic. */
  async maySend(topic: string, claims: Claims): Promise<boolean> {
    return await this.#as(topic, claims, async (sql, become) => {
      await become();
      await sql`insert into realtime.messages (topic, extension, private) values (${topic}, 'broadcast', true)`;
      return true;
    });
  }

  /** The row that changed, as it is now and as far as the person may select it; undefined if they may not. */
  async see(change: RowChange, claims: Claims): Promise<Seen | undefined> {
    const table = `${quoted(change.schema)}.${quoted(change.table)}`;
    return await this.#as("", claims, async (sql, become) => {
      const columns = await sql<{ name: string; type: string; full: string }[]>`
        select attname as name, t.typname as type, format_type(atttypid, atttypmod) as full
        from pg_attribute join pg_type t on t.oid = atttypid
        where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`;
      const types = columns.map(({ name, type }) => ({ name, type }));
      if (change.type === "DELETE") return { columns: types, record: change.row };
      await become();
      const typeOf = (name: string) => columns.find((column) => column.name === name)!.full;
      const condition = change.key.map((name, i) => `${quoted(name)} = $${i + 1}::text::${typeOf(name)}`);
      const [row] = await sql.unsafe<{ record: Record<string, unknown> }[]>(
        `select to_jsonb(r) as record from ${table} r where ${condition.join(" and ")}`,
        change.key.map((name) => change.row[name] ?? null),
      );
      return row && { columns: types, record: row.record };
    }) || undefined;
  }

  async stop(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
  }

  /** Runs `work` in a transaction that is rolled back. False if what `work` does as the person is refused. */
  async #as<T>(
    topic: string,
    claims: Claims,
    work: (sql: connect.TransactionSql, become: () => Promise<unknown>) => Promise<T>,
  ): Promise<T | false> {
    if (!ROLES.includes(claims.role)) return false;
    let answer: T | false = false;
    const done = new Error("rolled back");
    try {
      await transaction(this.#sql, async (sql) => {
        answer = await work(
          sql,
          () =>
            sql`select set_config('role', ${claims.role}, true), set_config('realtime.topic', ${topic}, true),
            set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`,
        );
        throw done;
      });
    } catch (error) {
      const refused = error instanceof connect.PostgresError && error.code === "42501";
      if (error !== done && !refused) throw error;
    }
    return answer;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
