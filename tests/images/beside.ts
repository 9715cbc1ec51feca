/** What looks at our pictures from outside: sharp, and programs of Debian that are not on npm. */
import { deepEqual, ok } from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import type { Variant } from "../../pkg/images/images.js";
import { fromDebian, libraryPath } from "../../local/tools/debian.ts";

const packages = [
  "libimage-exiftool-perl",
  "libjpeg-turbo-progs",
  "libheif-examples",
  ...["libheif1", "libde265-0", "libx265-199", "libnuma1", "libaom3", "libdav1d6", "libjpeg62-turbo", "libpng16-16"],
];
const { home, problem } = await fromDebian("pictures-of-debian-1", packages, async (files, path) => {
  await Deno.rename(files, path);
});

/** Set for tests that need the programs. */
export const ignore = problem !== undefined;
export const notRun = problem ? ` (NOT RUN: it needs ${packages} of Debian 12, and ${problem})` : "";

/** What a program of Debian prints. */
export async function output(program: string, args: string[], input?: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command(`${home}/usr/bin/${program}`, {
    args,
    env: { LD_LIBRARY_PATH: libraryPath(home!), PERL5LIB: `${home}/usr/share/perl5` },
    stdin: input ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writing = input ? new Blob([input as BlobPart]).stream().pipeTo(child.stdin) : Promise.resolve();
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), writing]);
  ok(success, new TextDecoder().decode(stderr));
  return stdout;
}

/** What a picture differs by from another, of what is visible. */
export interface Difference {
  /** The mean of all samples. */
  mean: number;
  /** The mean of the channel that is brighter or darker than the other's. */
  bias: number;
}

export async function difference(ours: Variant, theirs: Sharp): Promise<Difference> {
  const raw = (image: Sharp) => image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const [a, b] = await Promise.all([raw(sharp(ours.bytes)), raw(theirs.toColourspace("srgb"))]);
  deepEqual([a.info.width, a.info.height], [ours.width, ours.height]);
  deepEqual([b.info.width, b.info.height, b.info.channels], [ours.width, ours.height, 4]);
  let sum = 0;
  const sums = [0, 0, 0, 0];
  for (let at = 0; at < a.data.length; at++) {
    const opacity = at % 4 === 3 ? 1 : b.data[at | 3]! / 255;
    const more = (a.data[at]! - b.data[at]!) * opacity;
    sum += Math.abs(more);
    sums[at % 4]! += more;
  }
  const pixels = a.data.length / 4;
  return { mean: sum / (3 * pixels), bias: Math.max(...sums.map((sum) => Math.abs(sum) / pixels)) };
}

/** Compares all variants with what the whole picture looks like, upright and in sRGB. */
export async function lookLike(variants: Variant[], shown: Sharp, most: number): Promise<void> {
  const { data, info: { width, height, channels } } = await shown.toColourspace("srgb").raw().toBuffer({
    resolveWithObject: true,
  });
  for (const variant of variants) {
    const whole = sharp(data, { raw: { width, height, channels } });
    if (variant.name === "thumbnail") {
      // The middle, by whole pixels.
      const side = Math.min(width, height);
      whole.extract({ left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side });
    }
    const size = [variant.width, variant.height] as const;
    const { mean, bias } = await difference(variant, whole.resize(...size, { fit: "fill", kernel: "lanczos3" }));
    ok(mean <= most && bias <= MOST_BIAS, `${variant.name} differs by ${mean}, a channel by ${bias}`);
  }
}

/** Of 10 bits, libheif drops two. */
const MOST_BIAS = 2;
