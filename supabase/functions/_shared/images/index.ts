/** Does the jobs of `image_processing`: moves bytes between Storage and the module that processes pictures. */
import type { ImageJob, Report } from "../core.ts";
import type { Deliveries } from "../host.ts";
import { reply } from "../http.ts";
import { memoryBytes, process, type Processed } from "./module.ts";
import { Storage, StorageError } from "./storage.ts";

type Process = Extract<ImageJob, { task: "process" }>;

let cpuMs = 0;
let processed = 0;

export const imageJobs: Deliveries = {
  deliver: async (json, key) => reply(200, JSON.stringify(await report(JSON.parse(json), key))),
  cpuMs: () => cpuMs,
  memoryBytes,
};

async function report(job: ImageJob, key: string): Promise<Report> {
  const storage = new Storage(key, job.timeout_ms);
  try {
    if (job.task === "process") return await processUpload(job, storage);
    await storage.remove(job.bucket, job.paths);
    return { outcome: "done" };
  } catch (error) {
    if (error instanceof StorageError) return error.report;
    throw error;
  }
}

async function processUpload(job: Process, storage: Storage): Promise<Report> {
  // One byte more tells the module that there are too many.
  const upload = await storage.download(job.bucket, job.path, job.max_bytes + 1);
  const sha256 = hex(await crypto.subtle.digest("SHA-256", upload as BufferSource));
  const started = performance.now();
  let answer;
  try {
    answer = await process(upload, job.options);
  } catch (error) {
    // Out of memory or of stack. What the module keeps in its memory cannot be relied on any more.
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    return { outcome: "trapped", error: error.message, processed_before: processed };
  } finally {
    cpuMs += performance.now() - started;
  }
  processed++;
  if (answer.status === "refused") return { outcome: "refused", code: answer.code, error: answer.error };
  return { outcome: "done", picture: await published(answer, job, sha256, storage) };
}

async function published(
  { status: _, variants, thumbhash, ...picture }: Processed,
  job: Process,
  sha256: string,
  storage: Storage,
) {
  const { bucket, cache_control } = job.publish;
  const folder = job.publish.folder.replace("{sha256}", sha256);
  const publish = async ({ bytes, ...variant }: Processed["variants"][number]) => {
    const path = `${folder}/${variant.name}.${variant.type.split("/")[1]}`;
    await storage.publish(bucket, path, variant.type, cache_control, bytes);
    return { ...variant, bucket, path, size_bytes: bytes.length };
  };
  return {
    ...picture,
    thumbhash: btoa(String.fromCharCode(...thumbhash)),
    variants: await Promise.all(variants.map(publish)),
  };
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
