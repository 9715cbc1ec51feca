/**
 * The whole job on one file, by one library, in a process of its own: the three variants, several times. Prints what it
 * took as JSON. It is copied to where the packages are installed, and runs under Node.js or Deno.
 */
import fs from "node:fs";
import process from "node:process";

const [library, file, times, packages] = process.argv.slice(2);
const QUALITY = 82;

/** Each gives the bytes of the variants. */
const libraries = {
  async ours() {
    const { process: run } = await import(`${packages}/images/images.js`);
    return async (upload) => {
      let answer = run(upload, { heic: true });
      if (answer.status === "heic") {
        answer = (await import(`${packages}/heic/images.js`)).process(upload, { heic: true });
      }
      if (answer.status === "refused") throw new Error(answer.error);
      return answer.variants.map(({ bytes }) => bytes);
    };
  },
  async sharp() {
    const { default: sharp } = await import("sharp");
    sharp.concurrency(1);
    sharp.cache(false);
    const fit = { fit: "inside", withoutEnlargement: true };
    return async (upload) => {
      const original = await sharp(upload).rotate().resize(2560, 2560, fit).jpeg({ quality: QUALITY }).toBuffer();
      const small = { quality: QUALITY, progressive: true };
      const medium = await sharp(original).resize(400, 400, fit).jpeg(small).toBuffer();
      return [original, medium, await sharp(medium).resize(100, 100, { fit: "cover" }).jpeg(small).toBuffer()];
    };
  },
  async "wasm-vips"() {
    const { default: Vips } = await import("wasm-vips");
    const vips = await Vips({ dynamicLibraries: [] });
    vips.concurrency(1);
    const encoded = (bytes, width, height, options) => {
      const image = vips.Image.thumbnailBuffer(bytes, width, { height, size: "down", ...options });
      const written = image.jpegsaveBuffer({ Q: QUALITY, keep: "none", interlace: width < 1000 });
      image.delete();
      return written;
    };
    return (upload) => {
      const original = encoded(upload, 2560, 2560, {});
      const medium = encoded(original, 400, 400, {});
      return [original, medium, encoded(medium, 100, 100, { crop: "centre" })];
    };
  },
  async "magick-wasm"() {
    const { ImageMagick, initializeImageMagick, MagickFormat, MagickGeometry, Gravity } = await import(
      "@imagemagick/magick-wasm"
    );
    const wasm = new URL("node_modules/@imagemagick/magick-wasm/dist/x86/magick.wasm", import.meta.url);
    await initializeImageMagick(fs.readFileSync(wasm));
    return (upload) =>
      ImageMagick.read(upload, (image) => {
        image.autoOrient();
        image.strip();
        image.quality = QUALITY;
        const variants = [];
        const written = () => image.write(MagickFormat.Jpeg, (bytes) => variants.push(bytes.slice()));
        image.resize(new MagickGeometry("2560x2560>"));
        written();
        image.resize(new MagickGeometry("400x400>"));
        written();
        image.resize(new MagickGeometry("100x100^"));
        image.crop(new MagickGeometry(100, 100), Gravity.Center);
        written();
        return variants;
      });
  },
  async jsquash() {
    const compiled = (name) =>
      WebAssembly.compile(fs.readFileSync(new URL(`node_modules/@jsquash/${name}`, import.meta.url)));
    const [decoder, encoder, { default: resize, initResize }] = await Promise.all([
      import("@jsquash/jpeg/decode.js"),
      import("@jsquash/jpeg/encode.js"),
      import("@jsquash/resize"),
    ]);
    await decoder.init(await compiled("jpeg/codec/dec/mozjpeg_dec.wasm"));
    await encoder.init(await compiled("jpeg/codec/enc/mozjpeg_enc.wasm"));
    await initResize(await compiled("resize/lib/resize/pkg/squoosh_resize_bg.wasm"));
    const within = ({ width, height }, side) => {
      const scale = Math.min(1, side / Math.max(width, height));
      return {
        width: Math.round(width * scale),
        height: Math.round(height * scale),
        linearRGB: false,
        premultiply: false,
      };
    };
    const encoded = async (pixels) => new Uint8Array(await encoder.default(pixels, { quality: QUALITY }));
    return async (upload) => {
      const pixels = await decoder.default(upload.buffer);
      const original = await resize(pixels, within(pixels, 2560));
      const medium = await resize(original, within(original, 400));
      const cover = { width: 100, height: 100, fitMethod: "contain", linearRGB: false, premultiply: false };
      const thumbnail = await resize(medium, cover);
      return [await encoded(original), await encoded(medium), await encoded(thumbnail)];
    };
  },
};

/** The time of all threads. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Deno 2.1.4 has no such function that is right: the ticks of Linux. */
function ticksMs() {
  const stat = fs.readFileSync("/proc/self/stat", "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
  return (user + system) * 10;
}

const now = "Deno" in globalThis ? ticksMs : cpuMs;
const upload = new Uint8Array(fs.readFileSync(file));
const took = [];
let sizes = [];
try {
  // Loading and compiling are a part of the first.
  let before = now();
  const run = await libraries[library]();
  for (let time = 0; time < Number(times); time++) {
    sizes = (await run(upload.slice())).map((bytes) => bytes.length);
    took.push(now() - before);
    before = now();
  }
} catch (error) {
  // What vips says is a list. The last line is the cause.
  console.error(`${error.message}`.trim().split("\n").at(-1));
  process.exit(1);
}
const peak = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1];
console.log(JSON.stringify({ took, sizes, peakBytes: Number(peak) * 1024 }));
process.exit(0);
