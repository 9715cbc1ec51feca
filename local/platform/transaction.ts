/**
 * sql.begin for a server that may end the session. postgres.js 3.4.9 then writes the rollback to a socket that is gone,
 * which ends the process (porsager/postgres#1154).
 */
import type connect from "postgres";

/** The server ends the session, or the connection was lost. */
const LOST = new Set(["57P01", "57P02", "CONNECTION_CLOSED", "ECONNRESET", "EPIPE"]);

export async function transaction<T>(
  sql: connect.Sql,
  work: (sql: connect.TransactionSql) => Promise<T>,
): Promise<T> {
  return await sql.begin(async (sql) => {
    try {
      return await work(sql);
    } catch (error) {
      // begin fails when the connection is closed, whatever this does.
      if (LOST.has((error as { code?: string }).code ?? "")) await new Promise(() => {});
      throw error;
    }
  }) as T;
}
