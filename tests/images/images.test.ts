/** The package `images`, in the memory that an Edge Function has, and with a second implementation that looks at it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import sharp, { type Sharp } from "sharp";
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

/** Processes a file some times in a process of its own, whose memory must suffice. */
async function fits(bytes: Uint8Array, times: number): Promise<void> {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, bytes);
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
}

for (const [megapixels, width, height, times] of [[12, 4000, 3000, 4], [50, 8160, 6120, 1]] as const) {
  Deno.test(`${times} of ${megapixels} megapixels, the memory of an Edge Function is enough`, async () => {
    // Of a lower quality, 50 megapixels have less than 20 MB.
    await fits(photo(width, height, megapixels > 20 ? 40 : 90), times);
  });
}

/** The largest of their kind that the limits let through (`src/images/limits.rs`). */
const hardest: [name: string, width: number, height: number, channels: 3 | 4, encoded: (picture: Sharp) => Sharp][] = [
  ["progressive JPEG", 4896, 3266, 3, (picture) => picture.jpeg({ progressive: true })],
  [
    "progressive JPEG without subsampling",
    4000,
    4000,
    3,
    (picture) => picture.jpeg({ progressive: true, chromaSubsampling: "4:4:4" }),
  ],
  ["interlaced PNG", 6200, 4500, 3, (picture) => picture.png({ progressive: true })],
  ["lossy WebP", 5600, 4100, 3, (picture) => picture.webp({ effort: 0 })],
  ["lossy WebP with opacity", 3400, 2500, 4, (picture) => picture.webp({ effort: 0 })],
  ["lossless WebP", 4300, 3200, 3, (picture) => picture.webp({ lossless: true, effort: 0 })],
  ["GIF", 8160, 6120, 3, (picture) => picture.gif({ effort: 1, colours: 16 })],
];
for (const [name, width, height, channels, encoded] of hardest) {
  Deno.test(`${name} of ${width} × ${height}, the memory of an Edge Function is enough`, async () => {
    const slopes = new Uint8Array(width * height * channels);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        slopes[at++] = x * 200 / width;
        slopes[at++] = y * 180 / height;
        slopes[at++] = (x + y) * 100 / (width + height) + 60;
        if (channels === 4) slopes[at++] = x + y;
      }
    }
    const picture = sharp(slopes, { raw: { width, height, channels } });
    await fits(await encoded(picture).toBuffer(), 2);
  });
}

Deno.test("a progressive JPEG whose blocks all need the most memory, the memory of an Edge Function is enough", async () => {
  const side = 4000;
  const contrasts = new Uint8Array(side * side * 3);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (const bit of [x, y, x]) contrasts[at++] = bit & 4 ? 255 : 0;
    }
  }
  const picture = sharp(contrasts, { raw: { width: side, height: side, channels: 3 } });
  const file = await picture.jpeg({ quality: 95, progressive: true, chromaSubsampling: "4:4:4" }).toBuffer();
  // With comments it has as many bytes as such a picture may have.
  const comment = new Uint8Array(65_537);
  comment.set([0xff, 0xfe, 0xff, 0xff]);
  const comments = Math.floor((7_900_000 - file.length) / comment.length);
  const padding = Array.from({ length: comments }, () => comment);
  await fits(Buffer.concat([file.subarray(0, 2), ...padding, file.subarray(2)]), 2);
});

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
  // A JPEG of 65,535 × 65,535 pixels.
  const bomb = Uint8Array.of(
    ...[0xff, 0xd8],
    ...[0xff, 0xc0, 0, 17, 8, 0xff, 0xff, 0xff, 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0],
  );
  const refused = () => {
    const answer = process(bomb);
    ok(answer.status === "refused");
    equal(answer.code, "too_many_pixels");
  };
  // The first call allocates what each needs.
  refused();
  const before = memoryBytes();
  for (let time = 0; time < 100; time++) refused();
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
