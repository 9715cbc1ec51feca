/** The built package. It is loaded at run time, because a new checkout has not built it when the tests are checked. */
import { ROOT } from "../../local/tools/paths.ts";

const BUILT = `${ROOT}/web/notifications/dist`;
const PEERS = ["react", "react/jsx-runtime", "react-dom", "@supabase/supabase-js", "@tanstack/react-query"];

// deno-lint-ignore no-explicit-any
type Module = Promise<any>;

export const modules = {
  cache: (): Module => import(`file://${BUILT}/cache.js`),
  poll: (): Module => import(`file://${BUILT}/poll.js`),
  relative: (): Module => import(`file://${BUILT}/relative.js`),
};

/** What an app downloads, minified and compressed, without what it has anyway. */
export async function gzipKb(): Promise<{ code: number; styles: number; all: number }> {
  const folder = await Deno.makeTempDir();
  try {
    const { success, stderr } = await new Deno.Command("node", {
      args: [
        `${ROOT}/web/node_modules/rolldown/bin/cli.mjs`,
        `${BUILT}/index.js`,
        "--minify",
        `--file=${folder}/index.js`,
        ...PEERS.map((name) => `--external=${name}`),
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const code = await compressed(`${folder}/index.js`);
    const styles = await compressed(`${ROOT}/web/notifications/styles.css`);
    return { code, styles, all: Math.round((code + styles) * 10) / 10 };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compressed(path: string): Promise<number> {
  const { body } = new Response(await Deno.readFile(path));
  const bytes = await new Response(body!.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  return Math.round(bytes.byteLength / 100) / 10;
}
