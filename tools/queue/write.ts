/** Writes all of several files or none. */
import { dirname } from "node:path";

/** A file to write, and its text before the change; `before` is undefined for a new file. */
export interface Change {
  path: string;
  before?: string;
  after: string;
}

/** Writes files below `root`. If one cannot be written, restores the others. */
export async function writeAll(root: string, changes: Change[]): Promise<void> {
  await using undo = new AsyncDisposableStack();
  for (const { path, before, after } of changes) {
    const file = `${root}/${path}`;
    if (before === undefined) {
      for (const folder of missingFolders(dirname(file))) {
        await Deno.mkdir(folder);
        undo.defer(() => Deno.remove(folder));
      }
      (await Deno.open(file, { write: true, createNew: true })).close();
      undo.defer(() => Deno.remove(file));
    } else {
      undo.defer(() => Deno.writeTextFile(file, before));
    }
    await Deno.writeTextFile(file, after);
  }
  undo.move();
}

/** The missing folders of a path, outermost first. */
function missingFolders(folder: string): string[] {
  if (exists(folder)) return [];
  return [...missingFolders(dirname(folder)), folder];
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
