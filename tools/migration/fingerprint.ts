/** The fingerprint of a database's catalogs, and the differences between two of them. */
import type connect from "postgres";

/** The detail of each object, by its kind and name. */
export type Fingerprint = Map<string, Record<string, unknown>>;

const text = await Deno.readTextFile(new URL("fingerprint.sql", import.meta.url));

export async function fingerprint(sql: connect.Sql): Promise<Fingerprint> {
  const rows = await sql.begin(async (sql) => {
    // Makes Postgres qualify names with their schemas.
    await sql`set local search_path = ''`;
    return await sql.unsafe<{ kind: string; name: string; detail: Record<string, unknown> }[]>(text);
  });
  const found: Fingerprint = new Map(rows.map(({ kind, name, detail }) => [`${kind} ${name}`, detail]));
  if (found.size !== rows.length) throw new Error("two objects have the same kind and name in the fingerprint");
  return found;
}

/** One line for each object that differs or exists in one of them alone. */
export function differences(a: Fingerprint, b: Fingerprint, names: { a: string; b: string }): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((key) => {
    const [one, other] = [a.get(key), b.get(key)];
    if (!one) return [`${key}: only in ${names.b}`];
    if (!other) return [`${key}: only in ${names.a}`];
    const parts = Object.keys(one).filter((part) => JSON.stringify(one[part]) !== JSON.stringify(other[part]));
    return parts.map((part) =>
      `${key}: ${part}: ${JSON.stringify(one[part])} in ${names.a}, ${JSON.stringify(other[part])} in ${names.b}`
    );
  });
}
