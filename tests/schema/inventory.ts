/** The objects that the migrations make outside of the schemas and the rows that they store, listed in `inventory/`. */
import { type Database, query } from "../../local/stack/database.ts";

const statement = await Deno.readTextFile(`${import.meta.dirname}/inventory.sql`);

/** One line for each object or row in a database. */
export async function inventoryOf({ url }: Database): Promise<string[]> {
  return (await query(url, (sql) => sql.unsafe<{ line: string }[]>(statement))).map(({ line }) => line);
}

/** The lines of all files of a folder, in the same order. */
export function readInventory(folder = `${import.meta.dirname}/inventory`): string[] {
  return [...Deno.readDirSync(folder)]
    .flatMap(({ name }) => Deno.readTextFileSync(`${folder}/${name}`).trimEnd().split("\n")).sort();
}
