/** The package `images`, in the memory that an Edge Function has, and with a second implementation that looks at it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";
import { process as processHeic } from "../../pkg/heic/images.js";
import { memoryBytes, process, type Processed } from "../../pkg/images/images.js";
import { photo, pixels } from "./pictures.ts";

/** Of the 256 MB of a function, all but what its I/O needs. */
const PEAK_BYTES = 220_000_000;

function processed(file: Uint8Array): Processed {
  const answer = process(file);
  ok(answer.status === "processed", JSON.stringify(answer));
  return answer;
}

for (const [megapixels, width, height, times] of [[12, 4000, 3000, 4], [50, 8160, 6120, 1]] as const) {
  Deno.test(`${times} of ${megapixels} megapixels, the memory of an Edge Function is enough`, async () => {
    const file = await Deno.makeTempFile({ suffix: ".jpg" });
    try {
      // Of a lower quality, 50 megapixels have less than 20 MB.
      await Deno.writeFile(file, photo(width, height, megapixels > 20 ? 40 : 90));
      const script = `${ROOT}/tests/images/measure.ts`;
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-lock", "--no-check", "--no-config", "-A", script, file, `${times}`],
      }).output();
      const text = new TextDecoder();
      ok(success, text.decode(stderr));
      const { runs, peakBytes } = JSON.parse(text.decode(stdout));
      equal(runs.length, times);
      for (const { status, bytes } of runs) {
        equal(status, "processed");
        deepEqual(bytes, runs[0].bytes);
      }
      ok(peakBytes < PEAK_BYTES, `${peakBytes} bytes`);
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test("a second decoder reads the variants, which look like the upload", () => {
  const upload = photo(1200, 800);
  const source = pixels(upload);
  const { variants } = processed(upload);
  deepEqual(variants.map(({ name, width, height }) => [name, width, height]), [
    ["original", 1200, 800],
    ["medium", 400, 267],
    ["thumbnail", 100, 100],
  ]);
  for (const { name, type, bytes, width, height } of variants) {
    equal(type, "image/jpeg");
    const seen = pixels(bytes);
    deepEqual([seen.width, seen.height], [width, height]);
    // The thumbnail is the middle of the picture.
    const cut = name === "thumbnail" ? 200 : 0;
    let difference = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const fromX = cut + Math.floor((x + 0.5) * (1200 - 2 * cut) / width);
        const fromY = Math.floor((y + 0.5) * 800 / height);
        for (let channel = 0; channel < 3; channel++) {
          const before = source.data[(fromY * 1200 + fromX) * 4 + channel]!;
          difference += Math.abs(before - seen.data[(y * width + x) * 4 + channel]!);
        }
      }
    }
    // The noise of the picture is 4 on average.
    ok(difference / (width * height * 3) < 8, `${name} differs by ${difference / (width * height * 3)}`);
  }
});

Deno.test("an upload that is refused takes no memory, and the next one is processed", () => {
  const before = memoryBytes();
  const bomb = Uint8Array.of(
    0xff,
    0xd8,
    0xff,
    0xc0,
    0,
    17,
    8,
    0xff,
    0xff,
    0xff,
    0xff,
    3,
    1,
    0x11,
    0,
    2,
    0x11,
    0,
    3,
    0x11,
  );
  const answer = process(bomb);
  ok(answer.status === "refused");
  equal(answer.code, "too_many_pixels");
  equal(memoryBytes(), before);
  equal(processed(photo(64, 64)).width, 64);
});

Deno.test("a photo that is cut off is refused, however much of it there is", () => {
  const upload = photo(600, 400);
  for (const part of [0.02, 0.3, 0.7, 0.99]) {
    const answer = process(upload.subarray(0, Math.floor(upload.length * part)));
    ok(answer.status === "refused", `${part}`);
    equal(answer.code, "truncated");
  }
});

Deno.test("a HEIC is for a package of its own, which reads nothing else", async () => {
  const upload = await Deno.readFile(`${ROOT}/tests/images/quarters.heic`);
  const off = process(upload);
  ok(off.status === "refused" && /HEIC/.test(off.error), JSON.stringify(off));
  deepEqual(process(upload, { heic: true }), { status: "heic" });
  const stillOff = processHeic(upload);
  ok(stillOff.status === "refused" && stillOff.code === "unsupported_format");
  const answer = processHeic(upload, { heic: true, location: true });
  ok(answer.status === "processed", JSON.stringify(answer));
  deepEqual([answer.format, answer.width, answer.height], ["heic", 128, 128]);
  equal(answer.exif.model, "Camera 3000");
  const { data } = pixels(answer.variants[0]!.bytes);
  const colors = [[32, 32], [96, 32], [32, 96], [96, 96]].map(([x, y]) =>
    [...data.subarray((y! * 128 + x!) * 4)].slice(0, 3)
  );
  const expected = [[200, 30, 30], [30, 180, 40], [30, 40, 200], [240, 240, 240]];
  ok(colors.flat().every((color, at) => Math.abs(color - expected.flat()[at]!) <= 12), JSON.stringify(colors));
  const other = processHeic(photo(64, 64), { heic: true });
  ok(other.status === "refused" && other.code === "unsupported_format");
});
