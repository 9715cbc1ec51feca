import { Buffer } from "node:buffer";

/** The bytes of an upload, as they are or in a form. */
export async function content(request: Request): Promise<{ bytes: Uint8Array; type: string; cacheControl: string }> {
  const type = request.headers.get("content-type") ?? "application/octet-stream";
  if (!type.startsWith("multipart/form-data")) {
    const cacheControl = request.headers.get("cache-control") ?? "no-cache";
    return { bytes: new Uint8Array(await request.arrayBuffer()), type, cacheControl };
  }
  let file = { bytes: new Uint8Array(), type: "application/octet-stream" };
  let maxAge = "3600";
  for (const { headers, body } of parts(Buffer.from(await request.arrayBuffer()), type)) {
    if (/filename=/i.test(headers)) {
      file = { bytes: new Uint8Array(body), type: /^content-type: *(.+)$/im.exec(headers)?.[1]?.trim() ?? file.type };
    } else if (/name="cacheControl"/i.test(headers)) {
      maxAge = body.toString();
    }
  }
  return { ...file, cacheControl: `max-age=${maxAge}` };
}

/** The parts of a form. storage-js gives the file an empty name, with which `Request.formData` drops it. */
function* parts(form: Buffer, type: string): Iterable<{ headers: string; body: Buffer }> {
  const boundary = `--${/boundary="?([^";]+)/.exec(type)![1]}`;
  for (let at = form.indexOf(boundary); at >= 0;) {
    const next = form.indexOf(boundary, at + boundary.length);
    const start = form.indexOf("\r\n\r\n", at);
    if (next < 0 || start < 0) return;
    const headers = form.subarray(at + boundary.length, start).toString();
    yield { headers, body: form.subarray(start + 4, next - 2) };
    at = next;
  }
}
