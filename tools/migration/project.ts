/** The paths of a project's SQL. */
import { migrationFiles as filesIn } from "../../local/stack/migrate.ts";
import { ROOT } from "../../local/tools/paths.ts";

export interface Project {
  schemas: string;
  migrations: string;
  /** The hashes of released migrations. */
  released: string;
}

export function projectIn(root: string): Project {
  return {
    schemas: `${root}/supabase/schemas`,
    migrations: `${root}/supabase/migrations`,
    released: `${root}/supabase/released.sha256`,
  };
}

/** This project. */
export const PROJECT = projectIn(ROOT);

/** The migrations in the order of their application. */
export function migrationFiles({ migrations }: Project): string[] {
  return filesIn(migrations);
}

/** The files of the schemas in the order of their application: by room, then by name. */
export function schemaFiles({ schemas }: Project): string[] {
  return namesIn(schemas).flatMap((room) => namesIn(`${schemas}/${room}`).map((file) => `${room}/${file}`))
    .filter((file) => file.endsWith(".sql"));
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
