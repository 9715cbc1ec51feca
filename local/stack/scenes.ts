/** Pictures for the posts of `make dev`, drawn so that they look much like photographs: no file of anybody is needed. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

type Color = [number, number, number];
/** The color at a place; x is 0 to 4/3, y is 0 to 1. */
export type Scene = (x: number, y: number) => Color;

const WIDTH = 640;
const HEIGHT = 480;

/** The picture of a scene as PNG. */
export function drawn(scene: Scene): Uint8Array {
  const rows = Buffer.alloc((3 * WIDTH + 1) * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const [u, v] = [x / HEIGHT, y / HEIGHT];
      // As lenses do, darker in the corners.
      const light = 1.04 - 0.35 * ((u - 2 / 3) ** 2 + (v - 0.5) ** 2);
      scene(u, v).forEach((value, i) => {
        rows[y * (3 * WIDTH + 1) + 1 + 3 * x + i] = Math.max(0, Math.min(255, value * light));
      });
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2], 8);
  return new Uint8Array(Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows, { level: 3 })),
    chunk("IEND", Buffer.alloc(0)),
  ]));
}

export const harbor: Scene = (x, y) => {
  const horizon = 0.56;
  const isWater = y > horizon;
  const depth = isWater ? (y - horizon) / (1 - horizon) : 0;
  // Water shows the sky upside down, moved sideways by waves that grow towards the viewer.
  const wave = isWater ? (clouds(x * 4 / (0.2 + depth), 26 / (0.12 + depth), 3) - 0.5) * (0.03 + 0.1 * depth) : 0;
  const height = isWater ? depth * horizon + wave : horizon - y;
  const sun = Math.hypot(x + wave - 0.9, (height - 0.1) * 1.1);
  let color = mix([255, 190, 120], [72, 96, 150], smooth(0, 0.5, height));
  color = mix(
    color,
    [255, 226, 190],
    0.55 * smooth(0.5, 0.75, clouds(x * 2 + 5, height * 9, 5)) * smooth(0, 0.2, height),
  );
  color = mix(color, [255, 214, 150], Math.exp(-sun * 5));
  color = mix(color, [255, 250, 225], smooth(0.055, 0.045, sun));
  const hill = 0.05 + 0.09 * clouds(x * 3, 1, 4) * smooth(1.3, 0.1, x);
  if (height < hill) color = mix(color, [78, 66, 92], 0.85);
  if (isWater) color = mix(color, [20, 34, 60], 0.25 + 0.35 * depth);
  for (const [at, size] of [[0.3, 0.3], [0.62, 0.16], [1.18, 0.12]] as const) {
    // A boat and its reflection: hull, mast, and a sail.
    const across = (x + wave * 1.5 - at) / size;
    const up = (isWater ? -(y - horizon - size * 0.14) : horizon + size * 0.14 - y) / size;
    const hull = Math.abs(across) < 0.3 + 0.1 * up && Math.abs(up - 0.06) < 0.07;
    const sail = up > 0.16 && up < 1.1 && across > 0.015 && across < 0.28 * (1.1 - up);
    const mast = up > 0 && up < 1.15 && Math.abs(across) < 0.012;
    const strength = isWater && up < 0 ? 0 : 0.9;
    if (hull || mast) color = mix(color, [34, 28, 40], strength);
    else if (sail) color = mix(color, [226, 196, 176], strength * 0.9);
    const mirrored = (y - horizon - size * 0.14) / size;
    if (mirrored > 0 && mirrored < 1 && Math.abs(across + wave * 8) < 0.3 - 0.25 * mirrored) {
      color = mix(color, [34, 28, 40], 0.5 * (1 - mirrored));
    }
  }
  return color;
};

export const ridge: Scene = (x, y) => {
  let color = mix([66, 118, 188], [206, 224, 240], smooth(0, 0.62, y));
  color = mix(color, [250, 250, 252], smooth(0.52, 0.75, clouds(x * 2.2, y * 5 + 3, 5)) * 0.8);
  const ranges = [[0.3, 0.34, 1.8, 0.45], [0.42, 0.36, 2.6, 0.2], [0.66, 0.3, 3.4, 0]] as const;
  ranges.forEach(([top, tall, wide, haze], i) => {
    const edge = (at: number) => top + tall * (0.5 - ridged(at * wide + i * 7.3));
    const depth = y - edge(x);
    if (depth < 0) return;
    // The sun is on the left; rocks come through where it is steep.
    const rise = (at: number) => clouds(at * 4 + depth * 5, y * 7 - at * 2 + i * 5, 5);
    const slope = (rise(x + 0.02) - rise(x - 0.02)) * 7;
    const snow = mix([112, 138, 190], [253, 250, 244], smooth(0.55, -0.45, slope));
    const rock = mix([62, 64, 80], [124, 110, 104], smooth(0.6, -0.2, slope));
    const bare = smooth(0.2, 0.5, slope + clouds(x * 30, y * 30, 3) - 0.4 + depth * 0.3);
    color = mix(mix(snow, rock, bare), [198, 216, 236], haze);
  });
  // Firs in front.
  for (let i = 0; i < 26; i++) {
    const [at, tall] = [(i + hash(i, 3) * 0.9) * 0.054 - 0.02, 0.1 + 0.16 * hash(i, 9)];
    const up = (1.02 - y) / tall;
    const width = tall * 0.24 * (1 - up) * (0.72 + 0.28 * Math.abs(((up * 7) % 1) - 0.2));
    if (up < 1 && Math.abs(x - at) < width) {
      color = mix([18, 34, 36], [190, 206, 220], (x < at ? 0.55 : 0.2) * smooth(0.45, 0.75, clouds(x * 45, y * 70, 3)));
    }
  }
  return color;
};

const FRUIT: Color[] = [[238, 132, 26], [214, 46, 40], [242, 200, 54], [108, 158, 48], [150, 40, 78]];

export const market: Scene = (x, y) => {
  const backdrop = mix([58, 42, 34], [196, 140, 88], smooth(0.3, 0, Math.hypot(x - 0.9, y - 0.02)));
  let color = mix(backdrop, [92, 70, 56], clouds(x * 5, y * 5, 3));
  for (let row = 0; row < 9; row++) {
    // Rows in front are larger and hide those behind.
    const [middle, size] = [0.2 + row * 0.075 + row * row * 0.0035, 0.045 + row * 0.0085];
    const offset = (row % 2) * size * 0.9;
    for (const place of [Math.floor((x - offset) / (size * 1.8)), Math.floor((x - offset) / (size * 1.8)) + 1]) {
      const at = [
        place * size * 1.8 + offset + (hash(place, row) - 0.5) * size * 0.3,
        middle + (hash(row, place) - 0.5) * size * 0.3,
      ];
      const [dx, dy] = [(x - at[0]!) / size, (y - at[1]!) / size];
      const distance = Math.hypot(dx, dy);
      if (distance > 1.06) continue;
      const kind = FRUIT[Math.floor((at[0]! - 0.1 + hash(place, 7) * 0.1) / 0.29 + 5) % 5]!;
      const facing = Math.sqrt(Math.max(0, 1 - distance ** 2));
      const lit = Math.max(0, -0.45 * dx - 0.62 * dy + 0.65 * facing);
      const skin = kind.map((value) => value * (0.24 + 0.9 * lit + 0.08 * (clouds(x * 60, y * 60, 2) - 0.5))) as Color;
      const shine = Math.exp(-((dx + 0.35) ** 2 + (dy + 0.42) ** 2) * 22);
      color = mix(color, mix(skin, [255, 248, 236], 0.75 * shine), smooth(1.06, 0.98, distance));
    }
  }
  return color;
};

export const coffee: Scene = (x, y) => {
  const grain = clouds(x * 2.2 + clouds(x * 3, y * 3, 3) * 0.5, y * 34, 4);
  let color = mix([92, 58, 36], [164, 112, 72], grain);
  if (Math.abs(((y * 3.1 + 0.2) % 1) - 0.5) < 0.006) color = mix(color, [46, 28, 18], 0.8);
  const [dx, dy] = [x - 0.7, (y - 0.52) * 1.06];
  const from = Math.hypot(dx, dy);
  color = mix(color, [20, 12, 8], 0.6 * smooth(0.5, 0.3, Math.hypot(dx - 0.05, dy - 0.06)));
  const light = 0.5 - (dx + dy) * 0.6;
  const china = (shade: number): Color => mix([150, 142, 138], [250, 247, 242], light + shade);
  color = mix(color, china(0.1 + 0.25 * smooth(0.3, 0.36, from)), smooth(0.402, 0.396, from));
  color = mix(
    color,
    [120, 110, 106],
    0.5 * smooth(0.3, 0.24, Math.hypot(dx - 0.03, dy - 0.035)) * smooth(0.4, 0.39, from),
  );
  // The handle, the rim, and what is in it.
  const handle = Math.abs(Math.hypot(dx - 0.27, dy + 0.16) - 0.055);
  color = mix(color, china(0.15), smooth(0.02, 0.015, handle));
  color = mix(color, china(0.3), smooth(0.252, 0.246, from));
  color = mix(color, china(-0.35), smooth(0.232, 0.226, from) * 0.8);
  const swirl = clouds(dx * 9 + 3, dy * 9, 4) * 0.05;
  const brew = mix([88, 46, 20], [176, 112, 58], smooth(0.2, 0.06, from + swirl) * 0.55 + swirl * 3);
  // A leaf of milk.
  const [along, side] = [dy + 0.02, Math.abs(dx) + swirl * 0.4];
  const leaf = side < 0.105 * Math.sqrt(Math.max(0, 1 - (along / 0.15) ** 2)) && Math.abs(dx) > 0.007;
  const veins = Math.sin((along - side * 0.9) * 105) > -0.25;
  color = mix(color, leaf && veins ? [240, 216, 180] : brew, smooth(0.212, 0.206, from));
  return mix(color, [255, 250, 240], 0.25 * Math.exp(-Math.hypot(dx + 0.13, dy + 0.13) * 14));
};

function mix(a: Color, b: Color, part: number): Color {
  const t = Math.max(0, Math.min(1, part));
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** 0 at one edge, 1 at the other, without corners. */
function smooth(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** A number from 0 to 1 for each pair of whole numbers. */
function hash(x: number, y: number): number {
  let n = Math.imul(x, 374_761_393) + Math.imul(y, 668_265_263);
  n = Math.imul(n ^ (n >>> 13), 1_274_126_177);
  return ((n ^ (n >>> 16)) >>> 0) / 2 ** 32;
}

/** Noise without steps. */
function noise(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(0, 1, x - left), smooth(0, 1, y - top)];
  const row = (at: number) => hash(left, at) * (1 - u) + hash(left + 1, at) * u;
  return row(top) * (1 - v) + row(top + 1) * v;
}

/** The sum of noise of ever smaller grain. */
function clouds(x: number, y: number, octaves: number): number {
  let [sum, total, part] = [0, 0, 1];
  for (let i = 0; i < octaves; i++, part /= 2, x = x * 2 + 17.1, y = y * 2 + 9.2) {
    sum += part * noise(x, y);
    total += part;
  }
  return sum / total;
}

/** The same with sharp crests, as mountains have. */
function ridged(x: number): number {
  let [sum, part] = [0, 0.5];
  for (let i = 0; i < 6; i++, part *= 0.5, x = x * 2.1 + 4.7) sum += part * (1 - Math.abs(2 * noise(x, i) - 1));
  return sum;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
