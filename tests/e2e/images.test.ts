/**
 * Uploads from storage-js to what the feed shows: the variants, the row, what the person hears, and the objects that are
 * removed with a post. UPLOADS: how many (200).
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { signToken } from "../../local/stack/keys.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { memoryBytes } from "../../pkg/images/images.js";
import { photo, pixels } from "../images/pictures.ts";
import { pause, Project, until } from "./project.ts";

const TOTAL = Number(Deno.env.get("UPLOADS") ?? 200);
const KILLS_AT = [0.1, 0.3, 0.6];
/** Enough for a picture on a busy machine; a worker waits a little longer than that for an answer of Storage. */
const LEASE_SECS = 20;

// deno-lint-ignore no-explicit-any
type Image = any;

/** What people upload, and what becomes of it. */
const kinds: { name: string; bytes: (n: number) => Uint8Array; reason?: string }[] = [
  { name: "photo.jpg", bytes: (n) => photo(64 + n, 48) },
  { name: "same.jpg", bytes: () => photo(80, 60) },
  { name: "slow.jpg", bytes: (n) => photo(64, 48 + n) },
  { name: "wide.jpg", bytes: (n) => photo(400 + n, 20) },
  { name: "unsteady.jpg", bytes: (n) => photo(70 + n, 70) },
  { name: "broken.jpg", bytes: (n) => photo(64 + n, 64).subarray(0, 900), reason: "truncated" },
  { name: "phone.jpg", bytes: heic, reason: "unsupported_format" },
  { name: "empty.jpg", bytes: () => new Uint8Array(), reason: "empty" },
  { name: "lost.jpg", bytes: (n) => photo(90 + n, 40), reason: "upload_gone" },
  { name: "late.jpg", bytes: (n) => photo(100 + n, 40) },
];

Deno.test(`${TOTAL} uploads are shown or fail with a reason, although much else fails`, async () => {
  await using project = await Project.start();
  await project.set("image_processing", {
    visibility_timeout_secs: LEASE_SECS,
    backoff_base_secs: 1,
    backoff_cap_secs: 1,
    max_retries: 100,
    max_crashes: 100,
  });
  const { storage } = project.stack;
  let requests = 0;
  let late = 0;
  const asked = new Map<string, number>();
  storage.onRequest = async ({ role, action, bucket, path }) => {
    if (role !== "service_role" || action === "remove") return;
    requests++;
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (path.includes("lost") && action === "download") await storage.lose(bucket, path).catch(() => {});
    if (path.includes("slow") && asked.get(path)! <= 3) {
      return new Response("", { status: 503, headers: { "retry-after": "1" } });
    }
    if (action === "upload" && requests % 11 === 0) {
      return Response.json({ statusCode: "500", error: "Internal", message: "down" }, { status: 500 });
    }
    // Some that do not answer in the time of their lease.
    if (path.includes("late") && late < 3) {
      late++;
      await pause(1_000 * (LEASE_SECS + 1));
    }
  };
  const people = await Promise.all(Array.from({ length: 10 }, async () => {
    const { owner, ids } = await project.posts(Math.ceil(TOTAL / 10));
    return { owner, ids, app: client(project, await token(project, owner)) };
  }));

  project.stack.scheduler.start();
  const uploads = new Map<string, { kind: typeof kinds[number]; owner: string; post: string }>();
  const decided = async () =>
    Number((await rows(project, "select count(*) as n from post_images where status <> 'pending'"))[0].n);
  const breaking = (async () => {
    for (const at of KILLS_AT) {
      await until(async () => await decided() >= at * TOTAL, `${at} of the uploads decided`);
      await project.kill("image_processing");
      await project.expire("image_processing");
    }
    await project.stack.postgres.restart();
  })();
  await inParallel(6, Array.from({ length: TOTAL }, (_, n) => n), async (n) => {
    const kind = kinds[n % kinds.length]!;
    const { owner, ids, app } = people[n % people.length]!;
    const post = ids[Math.floor(n / people.length)]!;
    const path = `${owner}/${post}/${kind.name}`;
    // While the database restarts an upload fails, and its person tries again.
    await until(async () => {
      const { error } = await app.storage.from("uploads").upload(path, kind.bytes(n), {
        contentType: "image/jpeg",
        upsert: true,
      });
      return error === null;
    }, `the upload of ${path}`);
    uploads.set(path, { kind, owner, post });
  });
  await breaking;
  await project.reconnect();
  await project.drained("image_processing");
  await project.stack.scheduler.stop();

  const images = await project.sql`select * from post_images`;
  equal(images.length, TOTAL);
  for (const image of images) {
    const { kind, owner, post } = uploads.get(image.path)!;
    deepEqual([image.owner_id, image.post_id], [owner, post]);
    deepEqual([image.status, image.reason], kind.reason ? ["failed", kind.reason] : ["ready", null], image.path);
    equal(image.error === null, !kind.reason);
  }
  // One message for each upload and each removal, although Storage fires its triggers twice.
  const messages = await project.sql<{ image: string; revision: number; n: number }[]>`
    select message ->> 'image_id' as image, (message ->> 'revision')::int as revision, count(*)::int as n
    from (select message from pgmq.a_image_processing union all select message -> 'message' from pgmq.q_image_processing_dlq) m
    where message ? 'image_id' group by 1, 2`;
  deepEqual(messages.filter(({ n }) => n > 1), []);
  equal(messages.length, images.reduce((sum, { revision }) => sum + revision, 0));
  // What is published is what the rows name, and nothing else.
  const named = images.flatMap(({ variants }) => (variants ?? []).map(({ path }: Image) => path)).sort();
  const stored = (await project.sql`select name from storage.objects where bucket_id = 'images'`).map(({ name }) =>
    name
  );
  deepEqual(stored.sort(), named);
  equal(new Set(named).size, 3 * images.filter(({ status }) => status === "ready").length);
  const letters = await project.deadLetters("image_processing");
  const failed = images.filter(({ status }) => status === "failed");
  equal(letters.length, failed.length);
  for (const { reason } of letters) ok(["image_refused", "retries_exhausted", "upload_gone"].includes(reason), reason);
  // Each person has heard of each of their pictures, and of nobody else's.
  const heard = await project.sql`
    select topic, payload ->> 'id' as id from realtime.messages where event = 'image' and payload ->> 'status' <> 'pending'`;
  for (const { id, owner_id } of images) {
    ok(heard.some((message) => message.id === id && message.topic === `notifications:${owner_id}`));
  }
  for (const { topic, id } of heard) equal(topic, `notifications:${images.find((image) => image.id === id)!.owner_id}`);
});

Deno.test("a picture and those concerned", async (t) => {
  await using project = await Project.start();
  const visitor = client(project);
  let owner: { id: string; app: SupabaseClient };
  let posts: string[];
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      project.stack.storage.onRequest = () => Promise.resolve(undefined);
      const { owner: id, ids } = await project.posts(2);
      owner = { id, app: client(project, await token(project, id)) };
      posts = ids;
      await body();
    });
  const upload = async (name: string, bytes: Uint8Array, { post = posts[0], upsert = false } = {}) => {
    const path = `${owner.id}/${post}/${name}`;
    const { error } = await owner.app.storage.from("uploads").upload(path, bytes, {
      contentType: "image/jpeg",
      upsert,
    });
    equal(error, null);
    return path;
  };
  const run = async () => {
    const { status, body } = await project.call("image_processing");
    equal(status, 200, JSON.stringify(body));
    return body;
  };
  const images = async (app = visitor, post = posts[0]): Promise<Image[]> => {
    const { data, error } = await app.from("post_images").select(COLUMNS).eq("post_id", post);
    equal(error, null);
    return data!;
  };
  const isThere = async ({ bucket, path }: Image) => {
    const answer = await fetch(visitor.storage.from(bucket).getPublicUrl(path).data.publicUrl);
    await answer.body?.cancel();
    return answer.ok;
  };

  await it("is seen by all once its variants are published", async () => {
    await upload("a.jpg", photo(640, 480));
    equal(await project.count("pgmq.q_image_processing"), 1);
    deepEqual(await images(), []);
    deepEqual((await images(owner.app)).map(({ status }) => status), ["pending"]);
    await run();
    const [image, ...others] = await images();
    deepEqual(others, []);
    deepEqual([image.status, image.width, image.height], ["ready", 640, 480]);
    match(image.color, /^#[0-9a-f]{6}$/);
    ok(image.thumbhash);
    deepEqual(image.variants.map(({ name }: Image) => name).sort(), ["medium", "original", "thumbnail"]);
    for (const variant of image.variants) {
      match(
        variant.path,
        new RegExp(`^${owner.id}/${posts[0]}/[0-9a-f]{64}/${image.id}\\.1/${variant.name}\\.jpeg$`),
      );
      const { publicUrl } = visitor.storage.from(variant.bucket).getPublicUrl(variant.path).data;
      const answer = await fetch(publicUrl);
      equal(answer.status, 200);
      equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
      const bytes = new Uint8Array(await answer.arrayBuffer());
      equal(bytes.length, variant.size_bytes);
      deepEqual([pixels(bytes).width, pixels(bytes).height], [variant.width, variant.height]);
    }
    deepEqual(await project.deadLetters("image_processing"), []);
  });

  await it("that cannot be shown says why", async () => {
    await upload("phone.jpg", heic());
    await run();
    deepEqual(await images(), []);
    const [image] = await images(owner.app);
    deepEqual([image.status, image.reason], ["failed", "unsupported_format"]);
    match(image.error, /HEIC.*please upload a JPEG/);
    const [letter] = await project.deadLetters("image_processing");
    deepEqual([letter!.reason, letter!.attempts], ["image_refused", 1]);
  });

  await it("that is a HEIC is processed where somebody has decided so", async () => {
    const bytes = await Deno.readFile(`${ROOT}/tests/images/quarters.heic`);
    await upload("phone.heic", bytes);
    await run();
    deepEqual((await images(owner.app)).map(({ reason }) => reason), ["unsupported_format"]);
    await project.sql`update queues.image_settings set reads_heic = true`;
    try {
      await project.sql`select queues.redrive('image_processing')`;
      await run();
      const [image] = await images();
      deepEqual([image.status, image.width, image.height], ["ready", 128, 128]);
      const { publicUrl } = visitor.storage.from("images").getPublicUrl(image.variants[0].path).data;
      const { data } = pixels(new Uint8Array(await (await fetch(publicUrl)).arrayBuffer()));
      ok(data[0]! > 180 && data[1]! < 60 && data[2]! < 60, `${data.subarray(0, 3)} is not red`);
    } finally {
      await project.sql`update queues.image_settings set reads_heic = false`;
    }
  });

  await it("that is too large is not downloaded", async () => {
    await project.sql`update storage.buckets set file_size_limit = null where id = 'uploads'`;
    const asked: string[] = [];
    project.stack.storage.onRequest = ({ action }) => (asked.push(action), Promise.resolve(undefined));
    await upload("large.jpg", new Uint8Array(20_000_001));
    await run();
    deepEqual(asked, ["upload"]);
    deepEqual((await images(owner.app)).map(({ reason }) => reason), ["too_many_bytes"]);
  });

  await it("that is uploaded by a signed URL is processed too", async () => {
    const path = `${owner.id}/${posts[0]}/signed.jpg`;
    const { data } = await owner.app.storage.from("uploads").createSignedUploadUrl(path);
    const { error } = await visitor.storage.from("uploads").uploadToSignedUrl(path, data!.token, photo(64, 64));
    equal(error, null);
    await run();
    deepEqual((await images()).map(({ status }) => status), ["ready"]);
  });

  await it("that is replaced shows the new one, and the variants of the old one are removed", async () => {
    await upload("a.jpg", photo(64, 64));
    await run();
    const [before] = await images();
    await upload("a.jpg", photo(96, 64), { upsert: true });
    deepEqual(await images(), []);
    await run();
    const [after, ...others] = await images();
    deepEqual([after.id, after.width, others], [before.id, 96, []]);
    for (const variant of after.variants) ok(await isThere(variant));
    for (const variant of before.variants) equal(await isThere(variant), false);
    deepEqual(await project.deadLetters("image_processing"), []);
  });

  await it("that is moved within its post stays what it is", async () => {
    const path = await upload("a.jpg", photo(64, 64));
    await run();
    const before = await images();
    const moved = await owner.app.storage.from("uploads").move(path, path.replace("a.jpg", "b.jpg"));
    equal(moved.error, null);
    equal(await project.count("pgmq.q_image_processing"), 0);
    deepEqual(await images(), before);
  });

  await it("goes with its post, and not with another that has the same one", async () => {
    await upload("a.jpg", photo(64, 64));
    await upload("a.jpg", photo(64, 64), { post: posts[1] });
    await run();
    const [first] = await images();
    const [second] = await images(visitor, posts[1]);
    await project.sql`delete from posts_new where id = ${posts[0]!}`;
    deepEqual(await images(owner.app), []);
    await run();
    for (const variant of first.variants) equal(await isThere(variant), false);
    for (const variant of second.variants) ok(await isThere(variant));
    const left = await project.sql`select name from storage.objects where bucket_id = 'uploads'`;
    deepEqual(left.map(({ name }) => name), [`${owner.id}/${posts[1]}/a.jpg`]);
    equal(await project.count("queues.image_removals"), 0);
  });

  await it("that is removed while it is published leaves nothing", async () => {
    await upload("a.jpg", photo(64, 64));
    project.stack.storage.onRequest = async ({ action, bucket }) => {
      if (action === "upload" && bucket === "images") await project.sql`delete from posts_new where id = ${posts[0]!}`;
      return undefined;
    };
    await run();
    project.stack.storage.onRequest = () => Promise.resolve(undefined);
    // What waits for the lease of a worker that might still publish.
    await project.sql`update pgmq.q_image_processing set vt = clock_timestamp()`;
    await run();
    equal(await project.count("post_images"), 0);
    equal(await project.count("storage.objects"), 0);
    equal(await project.count("queues.image_removals"), 0);
  });

  await it("whose Storage is down is retried, and its retries end with a reason", async () => {
    await project.set("image_processing", { max_retries: 1 });
    await upload("a.jpg", photo(64, 64));
    project.stack.storage.onRequest = ({ role }) =>
      Promise.resolve(role === "service_role" ? new Response("", { status: 503 }) : undefined);
    equal((await run()).retried, 1);
    deepEqual((await images(owner.app)).map(({ status }) => status), ["pending"]);
    await project.sql`update pgmq.q_image_processing set vt = clock_timestamp()`;
    equal((await run()).deadLettered, 1);
    deepEqual((await images(owner.app)).map(({ status, reason }) => [status, reason]), [[
      "failed",
      "storage_unavailable",
    ]]);
    project.stack.storage.onRequest = () => Promise.resolve(undefined);
    await project.sql`select queues.redrive('image_processing')`;
    await run();
    deepEqual((await images()).map(({ status }) => status), ["ready"]);
    await project.set("image_processing", { max_retries: 6 });
  });

  await it("that is held back is seen once a moderator approves it", async () => {
    const [moderator] = await project.sql`insert into profiles (username) values ('moderator') returning id`;
    await project.sql`insert into queues.moderators (profile_id) values (${moderator!.id})`;
    await project.sql`update queues.image_settings set hold_function = 'hold_for_moderator'`;
    const moderating = client(project, await token(project, moderator!.id));
    await upload("a.jpg", photo(64, 64));
    await upload("b.jpg", photo(80, 64), { post: posts[1] });
    await run();
    deepEqual([await images(), await images(visitor, posts[1])], [[], []]);
    deepEqual((await images(owner.app)).map(({ status }) => status), ["held"]);
    const { data: list } = await moderating.rpc("list_reviews");
    equal(list.items.length, 2);
    for (const { image_id, evidence } of list.items) {
      const decide = evidence.post.id === posts[0] ? "approve_image" : "reject_image";
      equal((await moderating.rpc(decide, { p_image_id: image_id, p_note: "seen" })).data.success, true);
    }
    deepEqual((await images()).map(({ status }) => status), ["ready"]);
    const [rejected] = await images(owner.app, posts[1]);
    deepEqual([rejected.status, rejected.reason, rejected.error, rejected.variants], [
      "failed",
      "rejected",
      "seen",
      null,
    ]);
    await run();
    equal(await project.count("storage.objects where bucket_id = 'images'"), 3);
    await project.sql`update queues.image_settings set hold_function = null`;
  });
});

Deno.test("a worker whose pictures took much memory ends, and the next picture has another", async () => {
  // Just above what the module has at first.
  const functionEnv = { QUEUES_MEMORY_BYTES: `${memoryBytes()}` };
  await using project = await Project.start({ functionEnv });
  const { owner, ids: [post] } = await project.posts(1);
  const app = client(project, await token(project, owner));
  for (const name of ["a.jpg", "b.jpg"]) {
    const path = `${owner}/${post}/${name}`;
    const { error } = await app.storage.from("uploads").upload(path, photo(1_600, 1_200), {
      contentType: "image/jpeg",
    });
    equal(error, null);
  }
  for (const left of [1, 0]) {
    const { body } = await project.call("image_processing");
    deepEqual([body.processed, body.stoppedBecause], [1, "memory_budget"]);
    equal(await project.count("pgmq.q_image_processing"), left);
    await until(async () => (await project.pid("image_processing")).length === 0, "the end of the process");
  }
  equal(await project.count("post_images where status = 'ready'"), 2);
  equal(await project.count("queues.failures"), 0);
});

const COLUMNS = "id,post_id,owner_id,status,reason,error,variants,width,height,color,thumbhash,exif";

/** The start of a file as phones write it. */
Deno.test("a picture that ends its module fails alone and for good, and the next one has another process", async () => {
  await using project = await Project.start();
  await project.sql`update queues.image_settings set reads_heic = true`;
  const { owner, ids } = await project.posts(3);
  const app = client(project, await token(project, owner));
  const good = await Deno.readFile(`${ROOT}/tests/images/quarters.heic`);
  const upload = async (post: string, bytes: Uint8Array) => {
    const path = `${owner}/${post}/phone.heic`;
    const { error } = await app.storage.from("uploads").upload(path, bytes, { contentType: "image/heic" });
    equal(error, null);
  };
  const states = async () =>
    (await project.sql`select status from post_images order by created_at`).map(({ status }) => status);
  const ended = () => until(async () => (await project.pid("image_processing")).length === 0, "the end of the process");

  await upload(ids[0]!, good);
  await upload(ids[1]!, bomb());
  // The picture before may have left too little memory: this one is tried again in a process of its own.
  await project.call("image_processing");
  deepEqual(await states(), ["ready", "pending"]);
  await ended();
  await project.sql`update pgmq.q_image_processing set vt = clock_timestamp()`;
  await project.call("image_processing");
  deepEqual(await states(), ["ready", "failed"]);
  await ended();
  const [failed] = await project.sql`select reason, error from post_images where status = 'failed'`;
  equal(failed!.reason, "too_much_memory");
  match(failed!.error, /please upload it smaller/);
  deepEqual((await project.deadLetters("image_processing")).map(({ reason }) => reason), ["image_refused"]);
  await upload(ids[2]!, good);
  await project.call("image_processing");
  deepEqual(await states(), ["ready", "failed", "ready"]);
});

function heic(): Uint8Array {
  return new Uint8Array([0, 0, 0, 24, ...new TextEncoder().encode("ftypheic\0\0\0\0mif1heic"), ...new Uint8Array(100)]);
}

/** A HEIC of 1,652 bytes whose items are in 13 million places: the decoder makes room for all of them. */
function bomb(): Uint8Array {
  const boxed = (name: string, ...parts: Uint8Array[]) => {
    const content = parts.flatMap((part) => [...part]);
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, content.length + 8);
    return new Uint8Array([...size, ...new TextEncoder().encode(name), ...content]);
  };
  const ITEMS = 200;
  // Each is an id, how it is made, and 65,535 places, whose fields have no bytes.
  const places = Array.from({ length: ITEMS }, () => [0, 1, 0, 0, 0, 0, 255, 255]).flat();
  const iloc = boxed("iloc", new Uint8Array([1, 0, 0, 0, 0, 0, 0, ITEMS, ...places]));
  const ftyp = boxed("ftyp", new TextEncoder().encode("heic\0\0\0\0mif1heic"));
  return new Uint8Array([...ftyp, ...boxed("meta", new Uint8Array(4), iloc)]);
}

async function rows(project: Project, query: string): Promise<Image[]> {
  // The session of the test ends with a restart.
  return await project.sql.unsafe(query).catch(async () => {
    await project.reconnect();
    return await project.sql.unsafe(query);
  });
}

async function token(project: Project, id: string): Promise<string> {
  return await signToken(project.stack.jwtSecret, { role: "authenticated", sub: id });
}

function client(project: Project, token?: string): SupabaseClient {
  const { url, publishableKey } = project.stack;
  if (token) return createClient(url, publishableKey, { accessToken: () => Promise.resolve(token) });
  return createClient(url, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
}

async function inParallel<T>(workers: number, inputs: T[], work: (input: T) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let n = next++; n < inputs.length; n = next++) await work(inputs[n]!);
  }));
}
