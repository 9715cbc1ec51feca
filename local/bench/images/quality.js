/**
 * How many bytes a picture takes at equal quality: a part of a photo, without a change of its size, by ours and by sharp at
 * several qualities. Prints the bytes of ours, and those of sharp where its SSIM is that of ours.
 */
import process from "node:process";
import sharp from "sharp";
import ssimjs from "ssim.js";

const [file, ours] = process.argv.slice(2);
const SIDE = 1536;
const QUALITIES = [70, 74, 78, 82, 86, 90];

const { process: run } = await import(ours);
const { width, height } = await sharp(file).metadata();
const region = { left: (width - SIDE) >> 1, top: (height - SIDE) >> 1, width: SIDE, height: SIDE };
const picture = await sharp(file).extract(region).toColourspace("srgb").removeAlpha().png().toBuffer();

async function pixels(bytes) {
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8ClampedArray(data), width: info.width, height: info.height };
}
const original = await pixels(picture);
const similarity = async (bytes) => ssimjs.ssim(original, await pixels(bytes), { downsample: false }).mssim;

const answer = run(new Uint8Array(picture));
const bytes = answer.variants[0].bytes;
const ssim = await similarity(bytes);
let before;
let sharpBytes;
for (const quality of QUALITIES) {
  const encoded = await sharp(picture).jpeg({ quality }).toBuffer();
  const point = { bytes: encoded.length, ssim: await similarity(encoded) };
  if (before && before.ssim <= ssim && ssim <= point.ssim) {
    const part = (ssim - before.ssim) / (point.ssim - before.ssim);
    sharpBytes = Math.round(before.bytes + part * (point.bytes - before.bytes));
  }
  before = point;
}
console.log(JSON.stringify({ bytes: bytes.length, ssim, sharpBytes: sharpBytes ?? null }));
process.exit(0);
