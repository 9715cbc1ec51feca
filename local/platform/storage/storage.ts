/**
 * Stand-in for the Storage API: objects are files in a folder, their rows are in the database (storage.sql). It does what
 * the real server does to these rows: permissions are checked by making a change and rolling it back, so that triggers
 * fire twice; then the bytes are kept, and the change is made again as the service.
 *
 * Has what apps and workers call: upload, upsert, download, move, remove, signed URLs, buckets. For development and tests.
 */
import { createHash } from "node:crypto";
import connect from "postgres";
import { Access, type Caller, SERVICE } from "./access.ts";
import { content } from "./form.ts";
import { databaseError, notFound, Refusal } from "./refusal.ts";

/** What is asked of an object, before it is done. */
export interface StorageRequest {
  action: "upload" | "download" | "move" | "remove" | "sign";
  bucket: string;
  path: string;
  /** Of the caller. */
  role: string;
}

interface Bucket {
  id: string;
  public: boolean;
  file_size_limit: string | null;
  allowed_mime_types: string[] | null;
}

interface Stored {
  name: string;
  version: string;
  metadata: { size: number; mimetype: string; cacheControl: string; eTag: string; lastModified: string };
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE, OPTIONS",
  "access-control-allow-headers": "apikey, authorization, cache-control, content-type, x-client-info, x-upsert",
};

/** The sum of all keys that Storage accepts. */
const KEY = /^[\w/!\-.*'() &$@=;:+,?]{1,1024}$/;

export class Storage implements AsyncDisposable {
  /** Decides about a request before it is handled: what it returns is the answer, and nothing else is done. */
  onRequest: (request: StorageRequest) => Promise<Response | undefined> = () => Promise.resolve(undefined);
  #access: Access;
  #inProgress = new Set<Promise<Response>>();
  #isClosed = false;

  constructor(adminUrl: string, jwtSecret: string, private readonly folder: string) {
    this.#access = new Access(adminUrl, jwtSecret);
  }

  /** Waits for the requests in progress, so that none writes into a folder that is removed next. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#inProgress);
    await this.#access[Symbol.asyncDispose]();
  }

  /** Loses the bytes of an object, whose row stays. */
  async lose(bucket: string, path: string): Promise<void> {
    const [row] = await this.#access
      .sql`select version from storage.objects where bucket_id = ${bucket} and name = ${path}`;
    await Deno.remove(this.#file(row!.version));
  }

  /** Answers a request for /storage/v1; `path` begins after that. Pages of other origins may ask as well. */
  async handle(request: Request, path: string): Promise<Response> {
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
    if (this.#isClosed) return new Refusal(503, "Unavailable", "Storage has been stopped").response;
    const answering = this.#answer(request, path);
    this.#inProgress.add(answering);
    try {
      const answer = await answering;
      answer.headers.set("access-control-allow-origin", "*");
      return answer;
    } finally {
      this.#inProgress.delete(answering);
    }
  }

  async #answer(request: Request, path: string): Promise<Response> {
    try {
      const { pathname, searchParams } = new URL(path, "http://storage");
      const [kind, ...rest] = pathname.slice(1).split("/").map(decodeURIComponent);
      const caller = await this.#access.caller(request);
      if (kind === "bucket") return await this.#buckets(request, caller, rest[0]);
      if (kind === "object") return await this.#objects(request, caller, rest, searchParams.get("token"));
      throw new Refusal(404, "not_found", `no such route: ${pathname}`);
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      if (error instanceof connect.PostgresError) return databaseError(error).response;
      return new Refusal(500, "Internal", String(error)).response;
    }
  }

  async #buckets(request: Request, caller: Caller, id?: string): Promise<Response> {
    if (request.method === "POST") {
      const bucket = await request.json();
      await this.#access.as(caller, (sql) =>
        sql`
        insert into storage.buckets ${
          sql({
            id: bucket.id ?? bucket.name,
            name: bucket.name,
            public: bucket.public ?? false,
            file_size_limit: bucket.file_size_limit ?? null,
            allowed_mime_types: bucket.allowed_mime_types ?? null,
          })
        }`);
      return Response.json({ name: bucket.name });
    }
    const buckets = await this.#access.as(caller, (sql) => sql`select * from storage.buckets order by id`);
    if (!id) return Response.json(buckets);
    const bucket = buckets.find((bucket) => bucket.id === id);
    return bucket ? Response.json(bucket) : new Refusal(404, "Bucket not found", "Bucket not found").response;
  }

  async #objects(request: Request, caller: Caller, path: string[], token: string | null): Promise<Response> {
    const { method } = request;
    const [first, ...rest] = path;
    if (first === "move" && method === "POST") return await this.#move(caller, await request.json());
    if (first === "list" && method === "POST") return await this.#list(caller, rest[0]!, await request.json());
    if (first === "public") return await this.#download(await this.#publicBucket(rest[0]!), rest.slice(1).join("/"));
    if (first === "info") return await this.#info(caller, rest[0]!, rest.slice(1).join("/"));
    if (first === "upload" && rest[0] === "sign") {
      const [bucket, ...parts] = rest.slice(1);
      if (method === "POST") return await this.#signUpload(request, caller, bucket!, parts.join("/"));
      const { owner, upsert } = await this.#access.verified(token, "upload", bucket!, parts.join("/"));
      return await this.#upload(request, SERVICE, bucket!, parts.join("/"), upsert === true, owner as string | null);
    }
    if (first === "sign") {
      const [bucket, ...parts] = rest;
      if (method === "POST") return await this.#sign(caller, bucket!, parts.join("/"), await request.json());
      await this.#access.verified(token, "download", bucket!, parts.join("/"));
      return await this.#download(bucket!, parts.join("/"));
    }
    if (method === "DELETE" && rest.length === 0) return await this.#remove(caller, first!, await request.json());
    const [bucket, key] = first === "authenticated" ? [rest[0]!, rest.slice(1).join("/")] : [first!, rest.join("/")];
    if (method === "POST" || method === "PUT") {
      const upsert = method === "PUT" || request.headers.get("x-upsert") === "true";
      return await this.#upload(request, caller, bucket, key, upsert, (caller.claims.sub as string) ?? null);
    }
    if (method === "DELETE") return await this.#remove(caller, bucket, { prefixes: [key] });
    const answer = await this.onRequest({ action: "download", bucket, path: key, role: caller.role });
    if (answer) return answer;
    await this.#visible(caller, bucket, key);
    return await this.#download(bucket, key);
  }

  async #upload(
    request: Request,
    caller: Caller,
    bucketId: string,
    name: string,
    upsert: boolean,
    owner: string | null,
  ): Promise<Response> {
    const bucket = await this.#bucket(bucketId);
    if (!KEY.test(name)) throw new Refusal(400, "InvalidKey", `Invalid key: ${name}`);
    const answer = await this.onRequest({ action: "upload", bucket: bucketId, path: name, role: caller.role });
    if (answer) return answer;
    const version = crypto.randomUUID();
    const write = (sql: connect.TransactionSql, metadata: unknown) => {
      const row = { bucket_id: bucketId, name, owner, owner_id: owner, version, metadata: sql.json(metadata as never) };
      return upsert
        ? sql`
          insert into storage.objects ${sql(row)}
          on conflict (bucket_id, name) do update set
            version = excluded.version, metadata = excluded.metadata, owner = excluded.owner,
            owner_id = excluded.owner_id, updated_at = now()
          returning id`
        : sql`insert into storage.objects ${sql(row)} returning id`;
    };
    await this.#access.probe(caller, (sql) => write(sql, null));

    const { bytes, type, cacheControl } = await content(request);
    if (bucket.file_size_limit !== null && bytes.length > Number(bucket.file_size_limit)) {
      throw new Refusal(413, "Payload too large", "The object exceeded the maximum allowed size");
    }
    if (bucket.allowed_mime_types && !bucket.allowed_mime_types.includes(type)) {
      throw new Refusal(415, "invalid_mime_type", `mime type ${type} is not supported`);
    }
    await Deno.mkdir(this.folder, { recursive: true });
    await Deno.writeFile(this.#file(version), bytes);
    const [row] = await this.#access.as(SERVICE, (sql) =>
      write(sql, {
        eTag: `"${createHash("md5").update(bytes).digest("hex")}"`,
        size: bytes.length,
        mimetype: type,
        cacheControl,
        lastModified: new Date().toISOString(),
        contentLength: bytes.length,
        httpStatusCode: 200,
      }));
    return Response.json({ Id: row!.id, Key: `${bucketId}/${name}` });
  }

  async #move(
    caller: Caller,
    { bucketId, sourceKey, destinationKey, destinationBucket }: Record<string, string>,
  ): Promise<Response> {
    const answer = await this.onRequest({ action: "move", bucket: bucketId!, path: sourceKey!, role: caller.role });
    if (answer) return answer;
    await this.#visible(caller, bucketId!, sourceKey!);
    const version = crypto.randomUUID();
    const [{ version: before } = { version: "" }] = await this.#access.sql`
      select version from storage.objects where bucket_id = ${bucketId!} and name = ${sourceKey!}`;
    const write = (sql: connect.TransactionSql) =>
      sql`
      update storage.objects set
        name = ${destinationKey!}, bucket_id = ${
        destinationBucket ?? bucketId!
      }, version = ${version}, updated_at = now()
      where bucket_id = ${bucketId!} and name = ${sourceKey!}`;
    await this.#access.probe(caller, write);
    await Deno.copyFile(this.#file(before), this.#file(version));
    await this.#access.as(SERVICE, write);
    return Response.json({ message: "Successfully moved" });
  }

  async #remove(caller: Caller, bucket: string, { prefixes }: { prefixes: string[] }): Promise<Response> {
    await this.#bucket(bucket);
    for (const path of prefixes) {
      const answer = await this.onRequest({ action: "remove", bucket, path, role: caller.role });
      if (answer) return answer;
    }
    const removed = await this.#access.as(caller, async (sql) => {
      await sql`set local storage.allow_delete_query = 'true'`;
      return await sql`
        delete from storage.objects where bucket_id = ${bucket} and name in ${sql(prefixes)}
        returning id, name, bucket_id, version, metadata`;
    });
    for (const { version } of removed) {
      await Deno.remove(this.#file(version)).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    }
    return Response.json(removed);
  }

  async #list(
    caller: Caller,
    bucket: string,
    { prefix, limit, offset }: { prefix: string; limit?: number; offset?: number },
  ): Promise<Response> {
    await this.#bucket(bucket);
    const start = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
    const rows = await this.#access.as(caller, (sql) =>
      sql`
      select min(id::text) filter (where name = ${start} || part) as id, part as name,
        (array_agg(metadata) filter (where name = ${start} || part))[1] as metadata
      from (
        select *, split_part(substr(name, length(${start}) + 1), '/', 1) as part from storage.objects
        where bucket_id = ${bucket} and starts_with(name, ${start})
      ) o
      group by part order by part limit ${limit ?? 100} offset ${offset ?? 0}`);
    return Response.json(rows);
  }

  async #info(caller: Caller, bucket: string, name: string): Promise<Response> {
    const [bucketId, path] = bucket === "public" || bucket === "authenticated"
      ? [name.split("/")[0]!, name.split("/").slice(1).join("/")]
      : [bucket, name];
    const { version, metadata } = await this.#visible(caller, bucketId, path);
    return Response.json({
      name: path,
      version,
      size: metadata.size,
      content_type: metadata.mimetype,
      cache_control: metadata.cacheControl,
      etag: metadata.eTag,
    });
  }

  async #sign(
    caller: Caller,
    bucket: string,
    name: string,
    { expiresIn, paths }: { expiresIn: number; paths?: string[] },
  ): Promise<Response> {
    const signed = async (path: string) => {
      const answer = await this.onRequest({ action: "sign", bucket, path, role: caller.role });
      if (answer) return answer;
      await this.#visible(caller, bucket, path);
      return `/object/sign/${bucket}/${path}?token=${await this.#access.token(
        { for: "download", bucket, path },
        expiresIn,
      )}`;
    };
    if (!paths) {
      const signedURL = await signed(name);
      return signedURL instanceof Response ? signedURL : Response.json({ signedURL });
    }
    const entries = paths.map(async (path) => {
      try {
        return { error: null, path, signedURL: await signed(path) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { error: "Either the object does not exist or you do not have access to it", path, signedURL: null };
      }
    });
    return Response.json(await Promise.all(entries));
  }

  async #signUpload(request: Request, caller: Caller, bucket: string, path: string): Promise<Response> {
    const upsert = request.headers.get("x-upsert") === "true";
    const row = { bucket_id: bucket, name: path, owner_id: (caller.claims.sub as string) ?? null };
    await this.#bucket(bucket);
    await this.#access.probe(caller, (sql) =>
      sql`
      insert into storage.objects ${sql(row)} ${
        upsert ? sql`on conflict (bucket_id, name) do update set updated_at = now()` : sql``
      }`);
    const token = await this.#access.token({ for: "upload", bucket, path, upsert, owner: row.owner_id }, 7200);
    return Response.json({ url: `/object/upload/sign/${bucket}/${path}?token=${token}` });
  }

  async #download(bucket: string, name: string): Promise<Response> {
    const [row] = await this.#access.sql<Stored[]>`
      select name, version, metadata from storage.objects where bucket_id = ${bucket} and name = ${name}`;
    if (!row) throw notFound();
    try {
      const bytes = await Deno.readFile(this.#file(row.version));
      const { mimetype, cacheControl, eTag, lastModified } = row.metadata;
      return new Response(bytes, {
        headers: {
          "content-type": mimetype,
          "cache-control": cacheControl,
          etag: eTag,
          "last-modified": new Date(lastModified).toUTCString(),
        },
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw notFound();
      throw error;
    }
  }

  async #publicBucket(id: string): Promise<string> {
    if (!(await this.#bucket(id)).public) throw new Refusal(404, "Bucket not found", "Bucket not found");
    return id;
  }

  async #bucket(id: string): Promise<Bucket> {
    const [bucket] = await this.#access.sql<Bucket[]>`select * from storage.buckets where id = ${id}`;
    if (!bucket) throw new Refusal(404, "Bucket not found", "Bucket not found");
    return bucket;
  }

  /** The row of an object, if the caller may see it. */
  async #visible(caller: Caller, bucket: string, name: string): Promise<Stored> {
    const [row] = await this.#access.as(caller, (sql) =>
      sql<Stored[]>`
      select name, version, metadata from storage.objects where bucket_id = ${bucket} and name = ${name}`);
    if (!row) {
      await this.#bucket(bucket);
      throw notFound();
    }
    return row;
  }

  #file(version: string): string {
    return `${this.folder}/${version}`;
  }
}
