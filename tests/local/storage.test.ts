/** The stand-in of Storage, as storage-js sees it, and what it does to the rows in the database. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { query } from "../../local/stack/database.ts";
import { signToken } from "../../local/stack/keys.ts";
import { logNothing } from "../../local/stack/log.ts";
import { startStack } from "../../local/stack/stack.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("Storage", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "queues-no-migrations-" });
  await using stack = await startStack({ migrationsDir: folder, statementTimeout: "10min", log: logNothing });
  await Deno.remove(folder);
  const person = "00000000-0000-4000-8000-0000000000a1";
  const accessToken = await signToken(stack.jwtSecret, { role: "authenticated", sub: person });
  const client = (key: string, token?: string): SupabaseClient =>
    createClient(
      stack.url,
      key,
      token ? { accessToken: () => Promise.resolve(token) } : { auth: { persistSession: false } },
    );
  const [service, ann, guest] = [
    client(stack.secretKey),
    client(stack.publishableKey, accessToken),
    client(stack.publishableKey),
  ];
  const sql = <T>(work: Parameters<typeof query<T>>[1]) => query(stack.adminDatabaseUrl, work);
  await sql((sql) =>
    sql.unsafe(`
    create policy own on storage.objects to authenticated
      using (bucket_id = 'private' and (storage.foldername(name))[1] = auth.uid()::text)
      with check (bucket_id = 'private' and (storage.foldername(name))[1] = auth.uid()::text);
    create table seen (n bigint generated always as identity, what text);
    create function see() returns trigger language plpgsql security definer as $$
    begin
      insert into public.seen (what) values (concat_ws(' ', tg_op, coalesce(new.name, old.name), new.metadata ->> 'size'));
      return null;
    end $$;
    create trigger see after insert or update or delete on storage.objects for each row execute function see();`)
  );
  const seen = () =>
    sql(async (sql) => {
      const rows = await sql`select what, last_value::int as fired from seen, seen_n_seq order by n`;
      await sql`truncate seen restart identity`;
      return { fired: rows[0]?.fired, kept: rows.map(({ what }) => what) };
    });
  const mine = `${person}/a.txt`;

  await t.step("has buckets, which the service makes", async () => {
    equal((await service.storage.createBucket("private", { public: false })).error, null);
    equal((await service.storage.createBucket("open", { public: true, fileSizeLimit: 10 })).error, null);
    ok((await ann.storage.createBucket("other")).error);
    equal((await service.storage.getBucket("private")).data!.public, false);
  });

  await t.step("keeps what people upload to folders of their own, and fires triggers twice", async () => {
    const { data, error } = await ann.storage.from("private").upload(mine, bytes("hello"), {
      contentType: "text/plain",
    });
    deepEqual([error, data!.path], [null, mine]);
    deepEqual(await seen(), { fired: 2, kept: [`INSERT ${mine} 5`] });
    const object = await ann.storage.from("private").download(mine);
    deepEqual([await object.data!.text(), object.data!.type], ["hello", "text/plain"]);
    equal((await ann.storage.from("private").info(mine)).data!.size, 5);
    deepEqual((await ann.storage.from("private").list(person)).data!.map(({ name }) => name), ["a.txt"]);
  });

  await t.step("refuses what its policies do not allow, with status 400 and the real one in the body", async () => {
    for (const [app, path] of [[guest, mine], [ann, "b/a.txt"]] as const) {
      const { error } = await app.storage.from("private").upload(path, bytes("x"), { upsert: true });
      match(error!.message, /row-level security/);
      deepEqual([(error as { status?: number }).status, (error as { statusCode?: string }).statusCode], [400, "403"]);
    }
    ok((await guest.storage.from("private").download(mine)).error);
    deepEqual((await seen()).kept, []);
    equal((await ann.storage.from("private").upload(mine, bytes("x"))).error!.message, "The resource already exists");
    equal(
      (await service.storage.from("open").upload("large", bytes("12345678901"))).error!.message.slice(0, 10),
      "The object",
    );
    equal((await service.storage.from("missing").upload("a", bytes("x"))).error!.message, "Bucket not found");
  });

  await t.step("replaces an object, and moves it", async () => {
    await seen();
    const form = new Blob(["longer"], { type: "text/html" });
    equal((await ann.storage.from("private").upload(mine, form, { upsert: true, cacheControl: "60" })).error, null);
    deepEqual(await seen(), { fired: 2, kept: [`UPDATE ${mine} 6`] });
    const moved = `${person}/folder/b.txt`;
    equal((await ann.storage.from("private").move(mine, moved)).error, null);
    deepEqual(await seen(), { fired: 2, kept: [`UPDATE ${moved} 6`] });
    const object = await ann.storage.from("private").download(moved);
    deepEqual([await object.data!.text(), object.data!.type], ["longer", "text/html"]);
    ok((await ann.storage.from("private").download(mine)).error);
    equal((await ann.storage.from("private").move(moved, mine)).error, null);
    await seen();
  });

  await t.step("signs URLs to read and to upload", async () => {
    const { data } = await ann.storage.from("private").createSignedUrl(mine, 3600);
    const answer = await fetch(data!.signedUrl);
    deepEqual([answer.status, answer.headers.get("cache-control"), await answer.text()], [200, "max-age=60", "longer"]);
    equal((await fetch(data!.signedUrl.replace("a.txt", "b.txt"))).status, 400);
    ok((await guest.storage.from("private").createSignedUrl(mine, 3600)).error);
    const path = `${person}/signed.txt`;
    const { data: upload } = await ann.storage.from("private").createSignedUploadUrl(path);
    equal((await guest.storage.from("private").uploadToSignedUrl(path, upload!.token, bytes("signed"))).error, null);
    equal(await (await ann.storage.from("private").download(path)).data!.text(), "signed");
    ok((await guest.storage.from("private").uploadToSignedUrl(`${person}/other`, upload!.token, bytes("x"))).error);
  });

  await t.step("shows what is public to all, and nothing else", async () => {
    equal(
      (await service.storage.from("open").upload("p.txt", bytes("open"), { cacheControl: "1, immutable" })).error,
      null,
    );
    const answer = await fetch(guest.storage.from("open").getPublicUrl("p.txt").data.publicUrl);
    deepEqual([await answer.text(), answer.headers.get("cache-control")], ["open", "max-age=1, immutable"]);
    const hidden = await fetch(guest.storage.from("private").getPublicUrl(mine).data.publicUrl);
    deepEqual([hidden.status, (await hidden.json()).statusCode], [400, "404"]);
  });

  await t.step("refuses to have rows deleted by SQL", async () => {
    await rejects(sql((sql) => sql`delete from storage.objects`), /Direct deletion from storage tables is not allowed/);
    await rejects(query(stack.databaseUrl, (sql) => sql`delete from storage.buckets`), /Direct deletion/);
  });

  await t.step("loses an object, fails and delays when it is told so", async () => {
    await stack.storage.lose("private", `${person}/signed.txt`);
    const { error } = await ann.storage.from("private").download(`${person}/signed.txt`);
    ok(error);
    let asked = "";
    stack.storage.onRequest = ({ action, bucket, path, role }) => {
      asked = `${role}: ${action} ${bucket}/${path}`;
      return Promise.resolve(new Response("down", { status: 503 }));
    };
    ok((await ann.storage.from("private").download(mine)).error);
    equal(asked, `authenticated: download private/${mine}`);
    stack.storage.onRequest = () => Promise.resolve(undefined);
  });

  await t.step("removes objects, and says which there were", async () => {
    await seen();
    const { data } = await ann.storage.from("private").remove([mine, `${person}/never`]);
    deepEqual(data!.map(({ name }) => name), [mine]);
    deepEqual((await seen()).kept, [`DELETE ${mine}`]);
    deepEqual((await service.storage.from("open").remove(["p.txt"])).data!.length, 1);
    deepEqual((await ann.storage.from("open").remove(["p.txt"])).data, []);
  });
});
