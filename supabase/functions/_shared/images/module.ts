/** The only imports of the modules that process pictures. The deno.json of a function maps the names to their packages. */
import * as images from "suplatzigram-images/images.js";
import type { Options, Processed, Refused } from "suplatzigram-images/images.js";

export type { Processed };

/** There only after a HEIC has come: few functions ever need it. */
let heic: typeof images | undefined;

/** Processes an upload. A `WebAssembly.RuntimeError` means that a module cannot be used again. */
export async function process(upload: Uint8Array, options: Options): Promise<Processed | Refused> {
  const answer = images.process(upload, options);
  if (answer.status !== "heic") return answer;
  heic ??= await import("suplatzigram-heic/images.js");
  return heic.process(upload, options) as Processed | Refused;
}

/** What both modules hold. */
export function memoryBytes(): number {
  return images.memoryBytes() + (heic?.memoryBytes() ?? 0);
}
