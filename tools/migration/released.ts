/**
 * Released migrations are never edited, because a database that has one does not apply it again. supabase/released.sha256
 * lists their hashes in the format of `sha256sum`; before the first release it is empty.
 */
import { migrationFiles, type Project } from "./project.ts";

/** The hash of each released migration, by file name. */
export async function releasedHashes({ released }: Project): Promise<Map<string, string>> {
  const lines = (await Deno.readTextFile(released)).split("\n").filter(Boolean);
  return new Map(lines.map((line) => {
    const [, hash, file] = /^([0-9a-f]{64}) {2}migrations\/(\S+)$/.exec(line) ?? [];
    if (!hash || !file) throw new Error(`${released} has a line that is not in the format of sha256sum: ${line}`);
    return [file, hash];
  }));
}

/** Released migrations that were edited or removed, and new ones that come before them. */
export async function releasedProblems(project: Project): Promise<string[]> {
  const released = await releasedHashes(project);
  const files = migrationFiles(project);
  const problems: string[] = [];
  for (const [file, hash] of released) {
    if (!files.includes(file)) problems.push(`${file} is released and was removed`);
    else if (await hashOf(`${project.migrations}/${file}`) !== hash) {
      problems.push(`${file} is released and was edited`);
    }
  }
  const last = [...released.keys()].sort().at(-1) ?? "";
  for (const file of files) {
    if (!released.has(file) && file < last) problems.push(`${file} comes before ${last}, which is released`);
  }
  return problems;
}

/** Records every migration as released. Returns the new ones. */
export async function release(project: Project): Promise<string[]> {
  const problems = await releasedProblems(project);
  if (problems.length) throw new Error(problems.join("\n"));
  const released = await releasedHashes(project);
  const added = migrationFiles(project).filter((file) => !released.has(file));
  for (const file of added) {
    const line = `${await hashOf(`${project.migrations}/${file}`)}  migrations/${file}\n`;
    await Deno.writeTextFile(project.released, line, { append: true });
  }
  return added;
}

async function hashOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
