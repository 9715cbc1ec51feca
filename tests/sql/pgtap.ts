/**
 * pgTAP as plain SQL, so that servers without the extension can run the tests. It comes from the npm package that
 * ships it, once, into the user's cache folder; nothing of it is kept in the project.
 */
import { createHash } from "node:crypto";
import { cached } from "../../local/tools/cache.ts";

const version = "1.3.5";
const shippedBy = "@electric-sql/pglite-pgtap@0.0.15";
const integrity = "sha512-WWyw8E/V69RbkEpWBAsZX/Jd9GnTLu7p4mNy54fAsjcmJ5NX3xYm4S8YOKGEcOEAQnaGb+gixPQq/2SO3rT3DQ==";

let script: Promise<string> | undefined;

/** The SQL that makes pgTAP's functions in the first schema of the search path. */
export function pgtapSql(): Promise<string> {
  return script ??= load();
}

async function load(): Promise<string> {
  return await Deno.readTextFile(
    await cached(`pgtap-${version}.sql`, async (path) => {
      const folder = await Deno.makeTempDir({ prefix: "queues-pgtap-" });
      try {
        console.error(`fetching pgTAP ${version} from npm`);
        const packed = await run("npm", "pack", shippedBy, "--silent", "--pack-destination", folder);
        const archive = `${folder}/${packed.trim()}`;
        verify(await Deno.readFile(archive));
        await run("tar", "-xzf", archive, "-C", folder);
        await run("tar", "-xzf", `${folder}/package/dist/pgtap.tar.gz`, "-C", folder);
        const shipped = await Deno.readTextFile(`${folder}/share/postgresql/extension/pgtap--${version}.sql`);
        await Deno.writeTextFile(path, shipped.replace(/^\\echo .*$/m, ""));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    }),
  );
}

function verify(archive: Uint8Array): void {
  const found = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  if (found !== integrity) throw new Error(`${shippedBy} has changed: ${found}, expected ${integrity}`);
}

async function run(program: string, ...args: string[]): Promise<string> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
    if (!success) throw new Error(`\`${program}\` failed:\n${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`\`${program}\` was not found: pgTAP comes from npm and is unpacked with tar, install both`);
  }
}
