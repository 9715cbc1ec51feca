import { type Project, projectIn } from "../../tools/migration/project.ts";

/** A copy of a project's SQL that a test may change. */
export async function copyOf({ schemas, migrations, released }: Project): Promise<Project & AsyncDisposable> {
  const root = await Deno.makeTempDir({ prefix: "queues-project-" });
  const copy = projectIn(root);
  await copyFolder(schemas, copy.schemas);
  await copyFolder(migrations, copy.migrations);
  await Deno.copyFile(released, copy.released);
  return { ...copy, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Replaces a text in a file of the schemas; fails if it is not there. */
export async function replaceIn({ schemas }: Project, file: string, text: string | RegExp, by: string): Promise<void> {
  const before = await Deno.readTextFile(`${schemas}/${file}`);
  const after = before.replace(text, by);
  if (after === before) throw new Error(`${file} does not have ${text}`);
  await Deno.writeTextFile(`${schemas}/${file}`, after);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
