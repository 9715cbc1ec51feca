/** The variants of HEIC files, also of phones, beside what libheif shows of them. */
import { ok } from "node:assert/strict";
import sharp from "sharp";
import { cached } from "../../local/tools/cache.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { process, type Processed } from "../../pkg/heic/images.js";
import { run } from "../debian.ts";
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

/** The folder of the pictures. */
const pictures = (): Promise<string> =>
  cached("pillow-heif-1.8.1-images", async (path) => {
    const folder = await Deno.makeTempDir({ prefix: "queues-pillow-heif-" });
    try {
      const requirements = `${import.meta.dirname}/pillow-heif.requirements.txt`;
      const from = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", requirements];
      const problem = await run(folder, "python3", "-m", "pip", "download", "--quiet", "-d", folder, ...from) ??
        await run(folder, "tar", "xzf", "pillow_heif-1.8.1.tar.gz");
      if (problem) throw new Error(problem);
      await Deno.rename(`${folder}/pillow_heif-1.8.1/tests/images`, path);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

Deno.test({
  name: `quarters.heic: looks as libheif shows it${notRun}`,
  ignore,
  fn: () => looksAsLibheifShowsIt(`${ROOT}/tests/images/quarters.heic`, 3),
});

for (const [file, most] of files) {
  Deno.test({
    name: `${file}: looks as libheif shows it${notRun}`,
    ignore,
    fn: async () => await looksAsLibheifShowsIt(`${await pictures()}/${file}`, most),
  });
}

Deno.test("a photo of a phone that is cut off anywhere is refused", async () => {
  const photo = await Deno.readFile(`${await pictures()}/heif_other/pug.heic`);
  // Behind the last tile are things that are not shown.
  for (let part = 1; part < 60; part++) {
    const answer = process(photo.subarray(0, Math.floor(photo.length * part / 100)), { heic: true });
    ok(answer.status === "refused", `${part} %: ${answer.status}`);
  }
});
