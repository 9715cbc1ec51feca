/** Chromium, the installed one or Debian's, driven by Playwright. */
import { type Browser, chromium } from "playwright-core";

const programs = ["chromium", "chromium-browser", "google-chrome"];
// Without fonts no text is visible.
const packages = ["chromium", "fonts-dejavu-core"];

/** A test in a browser. Where none can be installed it is ignored, and its name says why. */
export async function browserTest(name: string, work: (t: Deno.TestContext, browser: Browser) => Promise<void>) {
  const found = await find() ?? await install();
  const problem = typeof found === "string" ? undefined : found.problem;
  Deno.test({
    name: problem ? `${name} (NOT RUN: it needs Chromium, and ${problem})` : name,
    ignore: problem !== undefined,
    fn: async (t) => {
      const browser = await chromium.launch({
        executablePath: found as string,
        args: ["--no-sandbox"],
        // On a busy machine the start takes long.
        timeout: 600_000,
      });
      try {
        await work(t, browser);
      } finally {
        await browser.close();
      }
    },
  });
}

async function find(): Promise<string | undefined> {
  for (const program of programs) {
    if (await run(program, "--version") === undefined) return await path(program);
  }
}

async function path(program: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function install(): Promise<string | { problem: string }> {
  if (Deno.uid() !== 0) return { problem: `\`apt-get install ${packages.join(" ")}\` is for root` };
  const arguments_ = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  let problem = await run("apt-get", ...arguments_);
  // A new container has no package lists.
  if (problem && !await run("apt-get", "update", "-qq")) problem = await run("apt-get", ...arguments_);
  return problem ? { problem } : await find() ?? { problem: "what apt-get installed does not start" };
}

async function run(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const { success, stderr } = await new Deno.Command(program, { args, env }).output();
    if (!success) return `\`${program}\` failed: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `\`${program}\` was not found`;
  }
}
