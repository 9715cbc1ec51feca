/** A checkout works in a folder of any name. URLs of files are percent-encoded, so their paths must be decoded. */
import { deepEqual, equal, match } from "node:assert/strict";
import { dirname } from "node:path";
import { deno } from "../../local/tools/binaries.ts";
import { ROOT } from "../../local/tools/paths.ts";

/** What a URL or a shell would change. */
const NAME = "niño's 100%20 #1? & más";

Deno.test(`the stack and its functions start in a folder named ${NAME}`, async () => {
  const temporary = await Deno.makeTempDir({ prefix: "queues-folder-" });
  try {
    const root = `${temporary}/${NAME}`;
    await copyCheckout(root);
    const script = `
      import { startStack } from "./local/stack/stack.ts";
      import { logNothing } from "./local/stack/log.ts";
      await using stack = await startStack({ log: logNothing });
      const apikey = stack.secretKey;
      const answer = await fetch(stack.url + "/functions/v1/process-like-events", { method: "POST", headers: { apikey } });
      console.log(answer.status, await answer.text());`;
    await Deno.writeTextFile(`${root}/start.ts`, script);
    const said = await run(root, deno("current"), ["run", "-A", "--config", "local/deno.json", "start.ts"]);
    match(said, /^200 .*"stoppedBecause":"empty"/m);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});

Deno.test("no program takes the path of a file from its URL as it is", async () => {
  const found: string[] = [];
  for (const path of await scripts("local", "tools", "tests", "supabase/functions")) {
    const text = await Deno.readTextFile(`${ROOT}/${path}`);
    // A URL of the module, and its path taken within the same statement or from the constant that it makes.
    const urls = [...text.matchAll(/(?:const|let) (\w+)[^;=]*= new URL\([^;]*import\.meta\.url[^;]*;/g)].map((it) =>
      it[1]!
    );
    const isEncoded = /import\.meta\.url[^;]*?\.(pathname|href\.slice)/.test(text) ||
      urls.some((name) => new RegExp(`\\b${name}\\.pathname`).test(text));
    if (isEncoded && !path.endsWith("folders.test.ts")) found.push(path);
  }
  deepEqual(found, []);
});

async function copyCheckout(root: string): Promise<void> {
  for (const path of await files("local", "supabase", "pkg")) {
    await Deno.mkdir(dirname(`${root}/${path}`), { recursive: true });
    await Deno.copyFile(`${ROOT}/${path}`, `${root}/${path}`);
  }
  await Deno.symlink(`${ROOT}/local/node_modules`, `${root}/local/node_modules`);
}

async function scripts(...folders: string[]): Promise<string[]> {
  return (await files(...folders)).filter((path) => /\.(ts|js|mjs)$/.test(path));
}

/** The files in these folders that are committed, or would be. */
async function files(...folders: string[]): Promise<string[]> {
  const listed = await run(ROOT, "git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", ...folders]);
  const paths = listed.split("\0").filter(Boolean);
  const exist = await Promise.all(paths.map((path) => Deno.stat(`${ROOT}/${path}`).then(() => true, () => false)));
  return paths.filter((_, index) => exist[index]);
}

async function run(cwd: string, program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, env: { NO_COLOR: "1" } }).output();
  const said = new TextDecoder().decode(stdout);
  equal(success, true, said + new TextDecoder().decode(stderr));
  return said;
}
