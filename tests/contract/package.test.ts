/** What a start of a worker downloads. */
import { ok } from "node:assert/strict";
import { gzipSync } from "node:zlib";

const MAX_BYTES = 200_000;

Deno.test("the package of moderation stays below 200 KB, with its lists and models", async () => {
  const wasm = await Deno.readFile(new URL("../../pkg/comments/queues_bg.wasm", import.meta.url));
  const { length } = gzipSync(wasm, { level: 9 });
  ok(length < MAX_BYTES, `${length} bytes`);
});
