/**
 * A stand-in of the Management API for `supabase functions deploy --use-api`: writes the files of each uploaded function
 * to a folder of its own, under their names.
 */
import { dirname, join, normalize } from "node:path";

export interface Upload {
  slug: string;
  /** The CLI's description of the function. */
  metadata: { entrypoint_path: string; import_map_path?: string; verify_jwt: boolean; name: string };
  /** The names of its files. */
  files: string[];
  /** Contains the files. */
  folder: string;
}

export class ManagementApi implements AsyncDisposable {
  readonly uploads: Upload[] = [];
  /** The address of the project's database. */
  pooler: { db_host: string; db_port: number; db_user: string; db_name: string } | undefined;
  readonly #folder: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Uploads go to folders in `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!/^Bearer sbp_[0-9a-f]{40}$/.test(request.headers.get("authorization") ?? "")) {
      return problem(401, "Unauthorized");
    }
    if (/^\/v1\/projects\/[a-z]{20}\/functions$/.test(pathname)) {
      return request.method === "PUT" ? Response.json({ functions: [] }) : Response.json([]);
    }
    if (/^\/v1\/projects\/[a-z]{20}\/config\/database\/pooler$/.test(pathname) && this.pooler) {
      return Response.json([{ ...this.pooler, database_type: "PRIMARY", pool_mode: "session" }]);
    }
    const slug = searchParams.get("slug");
    if (request.method === "POST" && /^\/v1\/projects\/[a-z]{20}\/functions\/deploy$/.test(pathname) && slug) {
      return Response.json(await this.#deploy(slug, await request.formData()), { status: 201 });
    }
    return problem(404, `${request.method} ${pathname} is not known here`);
  }

  async #deploy(slug: string, form: FormData): Promise<object> {
    const folder = join(this.#folder, slug);
    const metadata = await text(form.get("metadata"));
    const files = form.getAll("file") as File[];
    for (const file of files) {
      const path = normalize(file.name);
      if (path.startsWith("/") || path.startsWith("..")) {
        throw new Error(`upload outside of its folder: ${file.name}`);
      }
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeFile(join(folder, path), await file.bytes());
    }
    this.uploads.push({
      slug,
      metadata: JSON.parse(metadata),
      files: files.map(({ name }) => normalize(name)),
      folder,
    });
    const { name, verify_jwt, entrypoint_path } = JSON.parse(metadata);
    const now = Date.now();
    return {
      id: crypto.randomUUID(),
      slug,
      name,
      status: "ACTIVE",
      version: 1,
      created_at: now,
      updated_at: now,
      verify_jwt,
      entrypoint_path,
    };
  }
}

async function text(part: FormDataEntryValue | null): Promise<string> {
  return part instanceof File ? await part.text() : part ?? "";
}

function problem(status: number, message: string): Response {
  return Response.json({ message }, { status });
}
