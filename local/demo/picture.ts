/** An upload among the likes: a picture of one post, sent as an app sends it. */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { createClient } from "@supabase/supabase-js";
import { signToken } from "../stack/keys.ts";
import type { Stack } from "../stack/stack.ts";

/** Uploads a picture for a post of a person. */
export async function uploadPicture(stack: Stack, ownerId: string, postId: string): Promise<void> {
  const token = await signToken(stack.jwtSecret, { role: "authenticated", sub: ownerId });
  const app = createClient(stack.url, stack.publishableKey, { accessToken: () => Promise.resolve(token) });
  const { error } = await app.storage.from("uploads").upload(`${ownerId}/${postId}/sunset.png`, sunset(640, 480), {
    contentType: "image/png",
  });
  if (error) throw error;
}

/** A PNG with a soft sky. */
function sunset(width: number, height: number): Uint8Array {
  const rows = Buffer.alloc((3 * width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (3 * width + 1) + 1 + 3 * x;
      rows[at] = 120 + 130 * y / height;
      rows[at + 1] = 60 + 90 * y / height;
      rows[at + 2] = 160 - 110 * y / height + 20 * x / width;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return new Uint8Array(Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
