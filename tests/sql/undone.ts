import type connect from "postgres";

/** Works in a transaction that is rolled back in the end: as good as a database of its own, and quicker. */
export async function undone<T>(sql: connect.Sql, work: () => Promise<T>): Promise<T> {
  await sql`begin`;
  try {
    return await work();
  } finally {
    await sql`rollback`;
  }
}
