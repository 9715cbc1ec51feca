/** The whole job on real photographs, beside libraries that apps use for it, which come from npm and are kept in the cache. */
import { deno } from "../../tools/binaries.ts";
import { cachedIfAvailable, Unavailable } from "../../tools/cache.ts";
import { libraryPath } from "../../tools/debian.ts";
import { ROOT } from "../../tools/paths.ts";
import { run as tried } from "../../tools/run.ts";
import { heading, median, row } from "../table.ts";
import { butteraugli } from "./butteraugli.ts";
import { phones, type Photos, subsamplings, wallpapers } from "./photos.ts";

const LIBRARIES = [
  "sharp@0.35.5",
  "wasm-vips@0.0.19",
  "@imagemagick/magick-wasm@0.0.43",
  "@jsquash/jpeg@1.6.0",
  "@jsquash/resize@2.1.1",
  "ssim.js@3.5.0",
];
const TIMES = 5;
const IN_DENO = ["run", "--quiet", "--no-lock", "--no-check", "-A", "--node-modules-dir=manual"];
const HOSTED = [...IN_DENO, "job.mjs"];

interface Measured {
  took: number[];
  sizes: number[];
  peakBytes: number;
}

interface Judged {
  bytes: number;
  ssim: number;
  butteraugli: number | null;
  /** Those of sharp. */
  atSsim: number | null;
  atButteraugli: number | null;
}

export async function images(): Promise<void> {
  const { home, problem } = await cachedIfAvailable("bench-images-3", install);
  if (problem) return console.log(`\nimages are left out, which need libraries from npm: ${problem}`);
  for (const script of ["job", "quality"]) {
    await Deno.copyFile(`${ROOT}/local/bench/images/${script}.js`, `${home}/${script}.mjs`);
  }
  const photos = await wallpapers();
  // Deno compiles a script when it first sees it, which takes memory: the first process is not measured.
  if (photos.problem === undefined) {
    await run(deno("2.1.4"), [...HOSTED, "ours", photos.files[0]!, "1", `${ROOT}/pkg`], home!);
  }
  await jobs("Debian's wallpapers", photos, home!);
  await jobs("the JPEGs of Debian's libjxl-testdata", await subsamplings(), home!);
  await jobs("the HEIC files of pillow-heif", await phones(), home!);
  if (photos.problem === undefined) await qualities(photos.files, home!);
}

async function install(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const problem = await tried(folder, "npm", "install", "--no-audit", "--no-fund", "--loglevel=error", ...LIBRARIES);
  if (!problem) return;
  await Deno.remove(folder, { recursive: true });
  throw new Unavailable(problem);
}

async function jobs(title: string, photos: Photos, folder: string): Promise<void> {
  if (photos.problem !== undefined) return console.log(`\n${title} are left out: ${photos.problem}`);
  const processes: [name: string, program: string, args: string[]][] = [
    ["ours", deno("2.1.4"), [...HOSTED, "ours"]],
    ["magick-wasm", deno("2.1.4"), [...HOSTED, "magick-wasm"]],
    ["jsquash", deno("2.1.4"), [...HOSTED, "jsquash"]],
    ["wasm-vips, in Node.js", "node", ["job.mjs", "wasm-vips"]],
    ["sharp, native", "node", ["job.mjs", "sharp"]],
  ];
  for (const file of photos.files) {
    heading(file.split("/").at(-1)!, ["CPU cold, ms", "CPU warm, ms", "peak RSS, MB", "bytes"]);
    for (const [name, program, args] of processes) {
      try {
        const printed = await run(program, [...args, file, `${TIMES}`, `${ROOT}/pkg`], folder);
        const { took, sizes, peakBytes } = JSON.parse(printed) as Measured;
        const cells = [took[0]!, median(took.slice(2)), peakBytes / 1_000_000].map((cell) => cell.toFixed(0));
        row(name, [...cells, sizes.join(" ")]);
      } catch (error) {
        row(name, [`  left out: ${(error as Error).message}`]);
      }
    }
  }
}

async function qualities(files: string[], folder: string): Promise<void> {
  const { home, problem } = await butteraugli();
  if (problem) console.log(`\nbutteraugli is left out: ${problem}`);
  heading("bytes of a part of the photo, at equal quality", ["ours", "sharp, by SSIM", "by butteraugli"]);
  for (const file of files) {
    const args = [...IN_DENO, "quality.mjs", file, `${ROOT}/pkg/images/images.js`];
    if (home) args.push(`${home}/usr/bin/butteraugli_main`, libraryPath(home));
    const judged = JSON.parse(await run(deno("current"), args, folder)) as Judged;
    const bySsim = `${judged.atSsim} at ${judged.ssim.toFixed(4)}`;
    const byButteraugli = judged.butteraugli ? `${judged.atButteraugli} at ${judged.butteraugli.toFixed(3)}` : "";
    row(file.split("/").at(-1)!, [`${judged.bytes}`, bySsim, byButteraugli]);
  }
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim().replaceAll("\n", "; "));
  return new TextDecoder().decode(stdout);
}
