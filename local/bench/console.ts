/** What an operator downloads for the console. */
import { gzipBytes } from "./bell.ts";
import { ROOT } from "../tools/paths.ts";
import { heading, row } from "./table.ts";

const BUILT = `${ROOT}/web/console/dist/assets`;
/** Of other people: React with TanStack Query and the clients of Supabase, and uPlot. */
const LIBRARIES = /^(libraries|uPlot)-/;

/** What only one language needs. */
const LANGUAGES = [/^en-/, /^(es|said\.es)-/];

/** In bytes as gzip: own code and styles, all of it in its larger language, and the core for a queue. Needs `make web`. */
export async function consoleBytes(): Promise<{ own: number; all: number; start: number; core: number }> {
  const sizes = { own: 0, all: 0, start: 0, core: 0 };
  const languages = LANGUAGES.map(() => 0);
  const page = await Deno.readTextFile(`${BUILT}/../index.html`);
  for await (const { name } of Deno.readDir(BUILT)) {
    const gzip = await gzipBytes(`${BUILT}/${name}`);
    if (name.endsWith(".wasm")) sizes.core = Math.max(sizes.core, gzip);
    // The interface of the core comes with it.
    else if (!name.startsWith("queues_bg")) {
      if (!LIBRARIES.test(name)) sizes.own += gzip;
      const language = LANGUAGES.findIndex((it) => it.test(name));
      if (language >= 0) languages[language]! += gzip;
      else sizes.all += gzip;
      if (page.includes(name)) sizes.start += gzip;
    }
  }
  sizes.all += Math.max(...languages);
  return sizes;
}

export async function consoleBundles(): Promise<void> {
  const { own, all, start, core } = await consoleBytes();
  heading("what an operator downloads for the console, KB as gzip", [
    "own code",
    "all of it",
    "to sign in",
    "largest core",
  ]);
  row("", [own, all, start, core].map((bytes) => (bytes / 1000).toFixed(1)));
}
