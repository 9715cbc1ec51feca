/**
 * pgmq as plain SQL, for servers without the extension: from the Python package that ships it (pgmq.requirements.txt),
 * kept in the user's cache folder.
 */
import { cached } from "../tools/cache.ts";

const requirements = `${import.meta.dirname}/pgmq.requirements.txt`;

/** The SQL that creates the contents of schema `pgmq`. */
export async function pgmqSql(): Promise<string> {
  const version = /^pgmq==(\S+)/m.exec(await Deno.readTextFile(requirements))?.[1];
  return await Deno.readTextFile(
    await cached(`pgmq-${version}.sql`, async (path) => {
      const folder = await Deno.makeTempDir({ prefix: "queues-pgmq-" });
      try {
        console.error(`fetching pgmq ${version} (SQL) from PyPI`);
        await python("pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", requirements, "-d", folder);
        const [wheel] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".whl"));
        await python("zipfile", "-e", `${folder}/${wheel?.name}`, folder);
        await Deno.copyFile(`${folder}/pgmq/sql/pgmq.sql`, path);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }),
  );
}

async function python(module: string, ...args: string[]): Promise<void> {
  const remedy = "pgmq's SQL comes from PyPI: install Python 3 with pip (on Debian: `apt-get install python3-pip`)";
  try {
    const { success, stderr } = await new Deno.Command("python3", { args: ["-m", module, ...args] }).output();
    if (success) return;
    const said = new TextDecoder().decode(stderr).trim();
    throw new Error(`\`python3 -m ${module}\` failed:\n${said}\n${/No module named/.test(said) ? remedy : ""}`.trim());
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`\`python3\` was not found. ${remedy}`);
    throw error;
  }
}
