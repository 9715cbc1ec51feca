/** The variants of HEIC files, also of phones, beside what libheif shows of them. */
import { ok } from "node:assert/strict";
import sharp from "sharp";
import { ROOT } from "../../local/tools/paths.ts";
import { pillowHeifPictures } from "../../local/tools/pillow_heif.ts";
import { process, type Processed } from "../../pkg/heic/images.js";
import { ignore, lookLike, notRun, output } from "./beside.ts";

/** In the tests of pillow-heif, and the mean difference of a sample that is allowed. */
const files: [file: string, most: number][] = [
  // An iPhone 13: a grid, in Display P3.
  ["heif_other/pug.heic", 3],
  // An iPhone 8, held upright.
  ["heif_other/arrow.heic", 3],
  ["heif_special/xiaomi.heic", 4.5],
  // A Galaxy S25, in the dark: noise.
  ["heif_special/aux_YCbCr.heic", 7],
  ["heif_special/crop_mismatch_thumbnail.heic", 2.5],
  ["heif_special/transform_mismatch_thumbnail.heic", 3.5],
  ["heif/RGB_8__128x128.heif", 2.5],
  ["heif/RGB_10__128x128.heif", 3],
  ["heif/RGBA_8__128x128.heif", 3],
  ["heif/LA_8__128x128.heif", 3],
];

function processed(upload: Uint8Array): Processed {
  const answer = process(upload, { heic: true });
  ok(answer.status === "processed", JSON.stringify(answer));
  return answer;
}

async function looksAsLibheifShowsIt(file: string, most: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "queues-heic-" });
  try {
    // A JPEG takes a tenth of the time.
    const shown = `${folder}/shown.${file.endsWith(".heic") ? "jpg" : "png"}`;
    await output("heif-convert", ["-q", "98", file, shown]);
    await lookLike(processed(await Deno.readFile(file)).variants, sharp(shown), most);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const phones = await pillowHeifPictures();
const phonesNotRun = phones.problem ? ` (NOT RUN: it needs pillow-heif of PyPI, and ${phones.problem})` : "";

Deno.test({
  name: `quarters.heic: looks as libheif shows it${notRun}`,
  ignore,
  fn: () => looksAsLibheifShowsIt(`${ROOT}/tests/images/quarters.heic`, 3),
});

for (const [file, most] of files) {
  Deno.test({
    name: `${file}: looks as libheif shows it${notRun || phonesNotRun}`,
    ignore: ignore || phones.problem !== undefined,
    fn: () => looksAsLibheifShowsIt(`${phones.home}/${file}`, most),
  });
}

Deno.test({
  name: `a photo of a phone that is cut off anywhere is refused${phonesNotRun}`,
  ignore: phones.problem !== undefined,
  fn: async () => {
    const photo = await Deno.readFile(`${phones.home}/heif_other/pug.heic`);
    // Behind the last tile are things that are not shown.
    for (let part = 1; part < 60; part++) {
      const answer = process(photo.subarray(0, Math.floor(photo.length * part / 100)), { heic: true });
      ok(answer.status === "refused", `${part} %: ${answer.status}`);
    }
  },
});
