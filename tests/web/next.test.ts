/** The package, packed and installed, in a minimal app of Next.js: built, rendered on the server, and taken over in Chromium. */
import assert from "node:assert/strict";
import { TextLineStream } from "../../local/stack/lines.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { browserTest } from "../browser.ts";

const APP = `${ROOT}/tests/web/next`;

await browserTest("the package works in Next.js", async (test, browser) => {
  await install();

  await test.step("it is built", async () => {
    await npx("next", "build");
  });

  await test.step("the server renders it, and the browser takes it over without a difference", async () => {
    await using server = await start();
    const html = await (await fetch(server.url)).text();
    assert.match(html, /<button[^>]*class="sn-button sn-icon sn-bell"[^>]*aria-label="Notifications"/);
    assert.match(html, /Rendered on the server/);
    assert.match(html, /<time[^>]*>1970-01-01<\/time>/);
    const page = await browser.newPage();
    page.setDefaultTimeout(600_000);
    const said: string[] = [];
    page.on("console", (message) => message.type() === "error" && said.push(message.text()));
    page.on("pageerror", (error) => said.push(`${error}`));
    await page.goto(server.url);
    // Nobody is signed in.
    await page.getByText("Sign in to see your notifications.").first().waitFor();
    await page.locator("time", { hasText: "yr. ago" }).waitFor();
    assert.deepEqual(said.filter((line) => !/Failed to load resource/.test(line)), []);
    await page.close();
  });
});

/** Installs Next.js if it is missing, and the package as npm would publish it. */
async function install(): Promise<void> {
  if (!(await Deno.stat(`${APP}/node_modules/.installed`).catch(() => undefined))) {
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], APP);
    await Deno.writeTextFile(`${APP}/node_modules/.installed`, "");
  }
  const folder = await Deno.makeTempDir();
  try {
    await run("npm", ["pack", "--silent", `--pack-destination=${folder}`], `${ROOT}/web/notifications`);
    const [archive] = [...Deno.readDirSync(folder)];
    const installed = `${APP}/node_modules/@suplatzigram/notifications`;
    await run("rm", ["-rf", installed], APP);
    await Deno.mkdir(installed, { recursive: true });
    await run("tar", ["-xzf", `${folder}/${archive!.name}`, "--strip-components=1", "-C", installed], APP);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function start(): Promise<{ url: string } & AsyncDisposable> {
  const process = new Deno.Command("node", {
    args: [`${APP}/node_modules/next/dist/bin/next`, "start", "--hostname", "127.0.0.1", "--port", "0"],
    cwd: APP,
    env,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream()).getReader();
  let url: string | undefined;
  while (!url) {
    const { value, done } = await lines.read();
    assert.ok(!done, "next did not start");
    url = /(http:\/\/127\.0\.0\.1:\d+)/.exec(value)?.[1];
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      await lines.cancel();
      process.kill("SIGTERM");
      await process.status;
    },
  };
}

/** A project that is not there: nothing is asked of it before somebody signs in. */
const env = {
  NEXT_TELEMETRY_DISABLED: "1",
  NEXT_PUBLIC_SUPABASE_URL: "http://127.0.0.1:9",
  NEXT_PUBLIC_SUPABASE_KEY: "sb_publishable_none",
};

async function npx(program: string, ...args: string[]): Promise<void> {
  await run("node", [`${APP}/node_modules/next/dist/bin/${program}`, ...args], APP);
}

async function run(program: string, args: string[], cwd: string): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, env }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  assert.ok(success, `\`${program} ${args.join(" ")}\` failed:\n${said}`);
}
