/**
 * How many bytes a picture takes at equal quality: a part of a photo, without a change of its size, by ours and by sharp at
 * several qualities. Prints the bytes of ours, and those of sharp where it is as good by SSIM and by butteraugli.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import process from "node:process";
import sharp from "sharp";
import ssimjs from "ssim.js";

const [file, ours, butteraugli, libraries] = process.argv.slice(2);
const SIDE = 1536;
const QUALITIES = [70, 74, 78, 82, 86, 90];

const { process: run } = await import(ours);
const { width, height } = await sharp(file).metadata();
const region = { left: (width - SIDE) >> 1, top: (height - SIDE) >> 1, width: SIDE, height: SIDE };
const picture = await sharp(file).extract(region).toColourspace("srgb").removeAlpha().png().toBuffer();
const original = await pixels(picture);
const folder = fs.mkdtempSync(`${os.tmpdir()}/queues-quality-`);
try {
  fs.writeFileSync(`${folder}/original.png`, picture);
  const answer = await judged(run(new Uint8Array(picture)).variants[0].bytes);
  const points = [];
  for (const quality of QUALITIES) points.push(await judged(await sharp(picture).jpeg({ quality }).toBuffer()));
  console.log(JSON.stringify({
    ...answer,
    atSsim: bytesWhere("ssim", answer.ssim, points),
    atButteraugli: butteraugli ? bytesWhere("butteraugli", answer.butteraugli, points) : null,
  }));
} finally {
  fs.rmSync(folder, { recursive: true });
}
process.exit(0);

async function pixels(bytes) {
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data: new Uint8ClampedArray(data), width: info.width, height: info.height };
}

async function judged(encoded) {
  return {
    bytes: encoded.length,
    ssim: ssimjs.ssim(original, await pixels(encoded), { downsample: false }).mssim,
    butteraugli: butteraugli ? await distance(encoded) : null,
  };
}

/** The mean over the picture, in which what is worse counts more. */
async function distance(encoded) {
  await sharp(encoded).png().toFile(`${folder}/encoded.png`);
  const printed = execFileSync(butteraugli, [`${folder}/original.png`, `${folder}/encoded.png`], {
    encoding: "utf8",
    env: { LD_LIBRARY_PATH: libraries },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Number(/^3-norm: (.+)$/m.exec(printed)[1]);
}

/** Between the two qualities around the value. Null if it is beyond them. */
function bytesWhere(metric, value, points) {
  for (let at = 1; at < points.length; at++) {
    const [before, after] = [points[at - 1], points[at]];
    const part = (value - before[metric]) / (after[metric] - before[metric]);
    if (part >= 0 && part <= 1) return Math.round(before.bytes + part * (after.bytes - before.bytes));
  }
  return null;
}
