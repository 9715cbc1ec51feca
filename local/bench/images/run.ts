/**
 * The whole job on real photographs, beside libraries that apps use for it. The photographs are Debian's wallpapers, and
 * the libraries come from npm; both are kept in the cache.
 */
import { cached } from "../../tools/cache.ts";
import { deno } from "../../tools/binaries.ts";
import { ROOT } from "../../tools/paths.ts";
import { heading, median, row } from "../table.ts";

const LIBRARIES = [
  "sharp@0.35.5",
  "wasm-vips@0.0.19",
  "@imagemagick/magick-wasm@0.0.43",
  "@jsquash/jpeg@1.6.0",
  "@jsquash/resize@2.1.1",
  "ssim.js@3.5.0",
];
const WALLPAPERS = ["lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04"];
/** Of 12 and 13 megapixels, progressive; 20 megapixels; 24 with EXIF and a profile, without subsampling. */
const PHOTOS = [
  "sunset_by_Aitzol_Berasategi.jpg",
  "Dragonfly_by_Bolly.jpg",
  "Kleiber_by_Lukas_Baubkus.jpg",
  "Painting-Colors_by__herobrine7gamer.jpg",
];
const TIMES = 5;

interface Measured {
  took: number[];
  sizes: number[];
  peakBytes: number;
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" }).output();
  if (!success) throw new Error(`${program} ${args[0]}: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
  return new TextDecoder().decode(stdout);
}

async function prepare(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...LIBRARIES], folder);
  for (const name of WALLPAPERS) {
    await run("apt-get", ["download", name], folder);
    for await (const { name: file } of Deno.readDir(folder)) {
      if (file.startsWith(`${name}_`)) await run("dpkg-deb", ["-x", file, "."], folder);
    }
  }
}

export async function images(): Promise<void> {
  let folder;
  try {
    folder = await cached("bench-images-2", prepare);
    for (const script of ["job", "quality"]) {
      await Deno.copyFile(`${ROOT}/local/bench/images/${script}.js`, `${folder}/${script}.mjs`);
    }
  } catch (error) {
    console.log(`\nimages are left out, which need npm and Debian's packages: ${(error as Error).message}`);
    return;
  }
  const ours = `${ROOT}/pkg/images/images.js`;
  const inDeno = ["run", "--quiet", "--no-lock", "--no-check", "-A", "--node-modules-dir=manual"];
  const hosted = [...inDeno, "job.mjs"];
  const processes: [name: string, program: string, args: string[]][] = [
    ["ours", deno("2.1.4"), [...hosted, "ours"]],
    ["magick-wasm", deno("2.1.4"), [...hosted, "magick-wasm"]],
    ["jsquash", deno("2.1.4"), [...hosted, "jsquash"]],
    ["wasm-vips, in Node.js", "node", ["job.mjs", "wasm-vips"]],
    ["sharp, native", "node", ["job.mjs", "sharp"]],
  ];
  for (const photo of PHOTOS) {
    heading(photo, ["CPU cold, ms", "CPU warm, ms", "peak RSS, MB", "bytes"]);
    for (const [name, program, args] of processes) {
      try {
        const printed = await run(program, [...args, `usr/share/backgrounds/${photo}`, `${TIMES}`, ours], folder);
        const { took, sizes, peakBytes } = JSON.parse(printed) as Measured;
        const cells = [took[0]!, median(took.slice(2)), peakBytes / 1_000_000].map((cell) => cell.toFixed(0));
        row(name, [...cells, sizes.join(" ")]);
      } catch (error) {
        row(name, [(error as Error).message]);
      }
    }
  }
  heading("a part of the photo, at equal quality (SSIM)", ["ours, bytes", "sharp, bytes", "SSIM"]);
  for (const photo of PHOTOS) {
    const args = [...inDeno, "quality.mjs", `usr/share/backgrounds/${photo}`, ours];
    const { bytes, sharpBytes, ssim } = JSON.parse(await run(deno("current"), args, folder));
    row(photo, [`${bytes}`, `${sharpBytes}`, ssim.toFixed(4)]);
  }
}
