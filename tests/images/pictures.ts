/** Pictures that the tests make, and a second implementation to look at JPEGs with. */
import { Buffer } from "node:buffer";
import jpeg from "jpeg-js";

/** A picture with soft slopes, edges and noise, like a photograph; the same each time. */
export function photo(width: number, height: number, quality = 90): Uint8Array {
  const data = Buffer.alloc(width * height * 4);
  let seed = 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      const noise = (seed >> 16) & 15;
      const edge = ((x >> 6) + (y >> 6)) & 1 ? 40 : 0;
      data[at] = (x * 200 / width + noise) | 0;
      data[at + 1] = (y * 180 / height + noise + edge) | 0;
      data[at + 2] = ((x + y) * 100 / (width + height) + 60 + noise) | 0;
      data[at + 3] = 255;
    }
  }
  return new Uint8Array(jpeg.encode({ data, width, height }, quality).data);
}

export const pixels = (bytes: Uint8Array) => jpeg.decode(bytes, { useTArray: true });
