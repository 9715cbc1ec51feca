import connect from "postgres";
import type { Database } from "../../local/stack/database.ts";

/** Ends a statement that would wait forever. No machine is so slow. */
export const STATEMENT_TIMEOUT_MS = 900_000;
const GIVE_UP_MS = 600_000;

/** Separate connections, closed at the end. */
export class Sessions implements AsyncDisposable {
  #pids = new Map<connect.Sql, number>();
  constructor(readonly database: Database, readonly settings: Record<string, string> = {}) {}

  async open(count: number, url = this.database.url): Promise<connect.Sql[]> {
    return await Promise.all(Array.from({ length: count }, async () => {
      const connection = { statement_timeout: STATEMENT_TIMEOUT_MS, ...this.settings };
      const sql = connect(url, { max: 1, onnotice: () => {}, fetch_types: false, connection });
      const [backend] = await sql`select pg_backend_pid() as pid`;
      this.#pids.set(sql, backend!.pid);
      return sql;
    }));
  }

  /** Resolves once the statement that `sql` is running waits for another session's lock. */
  async waiting(sql: connect.Sql): Promise<void> {
    const [observer] = await this.open(1);
    for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
      const [row] = await observer!`select cardinality(pg_blocking_pids(${this.#pids.get(sql)!})) > 0 as blocked`;
      if (row!.blocked) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error("the statement does not wait for a lock");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#pids.keys()].map((sql) => sql.end({ timeout: 1 })));
  }
}
