/**
 * Postgres 15 with pgmq as an extension, in any version from 1.4.1: from the upgrade scripts that the crate `pgmq` ships,
 * run one after the other as `create extension` does. The server is a copy of the installed one, kept in the user's cache
 * folder, so that other tests do not get the extension.
 */
import { cached } from "../../local/tools/cache.ts";
import { postgres } from "../../local/tools/binaries.ts";

const CRATE = "0.34.0-alpha.7";
export const NEWEST = "1.13.0";
/** The last version whose functions were not SQL. All of them are replaced by later scripts. */
const BASE = "1.1.1";

/** What later scripts expect of the base, as it is documented. */
const base = `
  create table pgmq.meta (
    queue_name varchar unique not null,
    is_partitioned boolean not null,
    is_unlogged boolean not null,
    created_at timestamptz not null default now()
  );
  create type pgmq.message_record as (msg_id bigint, read_ct integer, enqueued_at timestamptz, vt timestamptz, message jsonb);
  create type pgmq.metrics_result as (queue_name text, queue_length bigint, newest_msg_age_sec integer,
    oldest_msg_age_sec integer, total_messages bigint, scrape_time timestamptz);
  create function pgmq.set_vt(text, bigint, integer) returns void language sql as '';
  create function pgmq.pop(text) returns void language sql as '';`;

const control = `default_version = '${NEWEST}'\nrelocatable = false\nschema = 'pgmq'\nsuperuser = false\n`;

/** The folder of the programs of that server. */
export async function postgresWithPgmq(): Promise<string> {
  const native = postgres(15).replace(/\/bin\/postgres$/, "");
  const { version } = JSON.parse(await Deno.readTextFile(`${native}/../package.json`));
  const home = await cached(`postgres-${version}-with-pgmq-${CRATE}`, async (path) => {
    const scripts = await upgradeScripts();
    await run("cp", "-r", native, path);
    const folder = `${path}/share/postgresql/extension`;
    for (const { name } of Deno.readDirSync(scripts)) {
      if (/^pgmq--.*--.*\.sql$/.test(name)) await Deno.copyFile(`${scripts}/${name}`, `${folder}/${name}`);
    }
    await Deno.writeTextFile(`${folder}/pgmq--${BASE}.sql`, base);
    await Deno.writeTextFile(`${folder}/pgmq.control`, control);
  });
  return `${home}/bin`;
}

async function upgradeScripts(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "queues-pgmq-crate-" });
  try {
    await Deno.mkdir(`${folder}/src`);
    await Deno.writeTextFile(`${folder}/src/lib.rs`, "");
    await Deno.writeTextFile(
      `${folder}/Cargo.toml`,
      `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n` +
        `[dependencies]\npgmq = { version = "=${CRATE}", default-features = false }\n`,
    );
    const metadata = await run(
      "cargo",
      "metadata",
      "--quiet",
      "--format-version=1",
      `--manifest-path=${folder}/Cargo.toml`,
    );
    const { packages } = JSON.parse(metadata) as { packages: { name: string; manifest_path: string }[] };
    const manifest = packages.find(({ name }) => name === "pgmq")!.manifest_path;
    return manifest.replace(/Cargo\.toml$/, "src/install/embedded/sql");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`\`${program} ${args.join(" ")}\` failed: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
