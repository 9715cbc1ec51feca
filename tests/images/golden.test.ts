/**
 * The variants of every kind of file beside what sharp makes of it: another decoder, another resampler, other color
 * management. And exiftool, which knows where metadata hides.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import sharp, { type JpegOptions, type Sharp } from "sharp";
import { ROOT } from "../../local/tools/paths.ts";
import { process, type Processed } from "../../pkg/images/images.js";
import { difference, ignore, lookLike, notRun, output } from "./beside.ts";

const WIDTH = 613;
const HEIGHT = 407;

const rgb = colors(3, (x, y) => {
  const edge = ((x >> 6) + (y >> 6)) & 1 ? 50 : 0;
  return [(x * 200) / WIDTH + edge, (y * 180) / HEIGHT + edge, ((x + y) * 130) / (WIDTH + HEIGHT) + edge];
});
const rgba = colors(4, (x, y) => [(x * 255) / WIDTH, (y * 255) / HEIGHT, 90, x < 300 ? 255 : (y * 255) / HEIGHT]);

function colors(channels: number, color: (x: number, y: number) => number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(WIDTH * HEIGHT * channels);
  for (let y = 0, at = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) for (const value of color(x, y)) bytes[at++] = value;
  }
  return bytes;
}

const opaque = () => sharp(rgb, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const clear = () => sharp(rgba, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
const jpeg = (options: JpegOptions = {}) => opaque().jpeg({ quality: 92, ...options });

/** By libjpeg's own program, which writes what sharp does not. */
function cjpeg(...args: string[]): Promise<Uint8Array> {
  const start = new TextEncoder().encode(`P6 ${WIDTH} ${HEIGHT} 255\n`);
  return output("cjpeg", ["-quality", "92", ...args], new Uint8Array([...start, ...rgb]));
}

function processed(upload: Uint8Array): Processed {
  const answer = process(upload);
  ok(answer.status === "processed", JSON.stringify(answer));
  return answer;
}

async function looksAsSharpShowsIt(upload: Uint8Array, most: number): Promise<void> {
  await lookLike(processed(upload).variants, sharp(upload).autoOrient(), most);
}

/** A thumbnail has edges everywhere: what a JPEG loses of them is most of this. */
const MOST = 2;

/** Files of sharp, and the mean difference of a sample that is allowed. Dithered ones lose more. */
const files: [name: string, most: number, file: () => Sharp][] = [
  ["JPEG", MOST, () => jpeg()],
  ["JPEG without subsampling", MOST, () => jpeg({ chromaSubsampling: "4:4:4" })],
  ["progressive JPEG", MOST, () => jpeg({ progressive: true })],
  ["progressive JPEG without subsampling", MOST, () => jpeg({ progressive: true, chromaSubsampling: "4:4:4" })],
  ["grey JPEG", MOST, () => opaque().greyscale().jpeg()],
  ["PNG", MOST, () => opaque().png()],
  ["interlaced PNG", MOST, () => opaque().png({ progressive: true })],
  ["PNG with a palette", 3.2, () => opaque().png({ palette: true })],
  ["PNG of 16 bits", MOST, () => opaque().toColourspace("rgb16").png()],
  ["grey PNG", MOST, () => opaque().greyscale().png()],
  ["PNG with opacity", MOST, () => clear().png()],
  ["lossy WebP", MOST, () => opaque().webp({ quality: 90 })],
  ["lossless WebP", MOST, () => opaque().webp({ lossless: true })],
  ["lossy WebP with opacity", MOST, () => clear().webp({ quality: 90 })],
  ["lossless WebP with opacity", MOST, () => clear().webp({ lossless: true })],
  ["GIF", 3.2, () => opaque().gif()],
  ["JPEG in Display P3", MOST, () => jpeg().withIccProfile("p3")],
  ["PNG in Display P3", MOST, () => opaque().png().withIccProfile("p3")],
];
for (const [name, most, file] of files) {
  Deno.test(`${name}: looks as sharp shows it`, async () => {
    await looksAsSharpShowsIt(await file().toBuffer(), most);
  });
}

Deno.test("a photo in Display P3 is converted, not just relabelled", async () => {
  const upload = await jpeg().withIccProfile("p3").toBuffer();
  const original = processed(upload).variants[0]!;
  const { icc } = await sharp(original.bytes).metadata();
  equal(icc, undefined);
  // With its profile taken off it looks otherwise.
  const stripped = sharp(await sharp(upload).keepIccProfile().raw().toBuffer(), {
    raw: { width: WIDTH, height: HEIGHT, channels: 3 },
  });
  ok((await difference(original, stripped)).mean > 3);
});

for (let orientation = 1; orientation <= 8; orientation++) {
  Deno.test(`orientation ${orientation}: is upright`, async () => {
    const upload = await jpeg({ chromaSubsampling: orientation % 2 ? "4:2:0" : "4:4:4" }).withMetadata({ orientation })
      .toBuffer();
    equal((await sharp(upload).metadata()).orientation, orientation);
    const { width, height } = processed(upload);
    deepEqual([width, height], orientation > 4 ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]);
    await looksAsSharpShowsIt(upload, MOST);
  });
}

/** What libjpeg can write. */
const samplings = ["1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "2x2,1x2,1x2", "2x2,2x1,2x1", "3x1", "1x3"];
for (const sampling of samplings) {
  for (const more of [[], ["-progressive"], ["-restart", "3B"], ["-progressive", "-restart", "3B"], ["-optimize"]]) {
    Deno.test({
      name: `cjpeg ${["-sample", sampling, ...more].join(" ")}: looks as sharp shows it${notRun}`,
      ignore,
      fn: async () => {
        const upload = await cjpeg("-sample", sampling, ...more);
        await looksAsSharpShowsIt(upload, MOST);
      },
    });
  }
}

for (const scans of ["0; 1; 2;", "0; 1 2;", "1 2; 0;"]) {
  Deno.test({
    name: `cjpeg with the scans ${scans} looks as sharp shows it${notRun}`,
    ignore,
    fn: async () => {
      const script = await Deno.makeTempFile({ prefix: "queues-scans-" });
      try {
        await Deno.writeTextFile(script, scans);
        await looksAsSharpShowsIt(await cjpeg("-scans", script), MOST);
        await looksAsSharpShowsIt(await cjpeg("-scans", script, "-restart", "3B"), MOST);
      } finally {
        await Deno.remove(script);
      }
    },
  });
}

Deno.test({
  name: `exiftool: finds no metadata in what is published${notRun}`,
  ignore,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "queues-exiftool-" });
    try {
      const exiftool = async (...args: string[]) =>
        new TextDecoder().decode(
          await output("exiftool", ["-config", "", ...args]),
        );
      const groups = async (file: string) => {
        const [tags] = JSON.parse(await exiftool("-json", "-G1", "-a", "-u", "-U", file));
        return [...new Set(Object.keys(tags).map((tag) => tag.split(":")[0]!))];
      };
      const file = `${folder}/upload.jpg`;
      // A maker note can only be copied.
      const heic = await Deno.readFile(`${ROOT}/tests/images/quarters.heic`);
      const tiff = heic.subarray(
        heic.findLastIndex((_, at) => heic[at] === 0x4d && heic[at + 1] === 0x4d && heic[at + 3] === 42),
      );
      const exif = [...new TextEncoder().encode("Exif\0\0"), ...tiff];
      const plain = await jpeg().toBuffer();
      const segment = [0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255, ...exif];
      await Deno.writeFile(file, new Uint8Array([0xff, 0xd8, ...segment, ...plain.subarray(2)]));
      await exiftool(
        "-overwrite_original",
        "-GPSLatitude=4.6",
        "-GPSLongitude=-74.1",
        "-XMP-dc:Title=Home",
        "-XMP-exif:GPSLatitude=4.6",
        "-IPTC:City=Bogotá",
        "-Photoshop:XResolution=72",
        "-Comment=at home",
        "-Artist=Ana",
        file,
      );
      const before = await groups(file);
      for (const group of ["GPS", "XMP-dc", "XMP-exif", "IPTC", "IFD0", "ExifIFD"]) {
        ok(before.includes(group), `${group} is missing in ${before}`);
      }
      for (const quality of [92, 40]) {
        // One of a low quality is published as it was encoded.
        const upload = quality === 92
          ? await Deno.readFile(file)
          : await sharp(await Deno.readFile(file)).keepMetadata().jpeg({ quality }).toBuffer();
        for (const { name, bytes } of processed(upload).variants) {
          await Deno.writeFile(`${folder}/${name}.jpg`, bytes);
          deepEqual(
            (await groups(`${folder}/${name}.jpg`)).sort(),
            ["Composite", "ExifTool", "File", "JFIF", "SourceFile", "System"].sort(),
          );
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
