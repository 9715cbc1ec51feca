/**
 * `supabase functions deploy` without Docker and without a project: the real CLI uploads to a stand-in of the platform,
 * which writes each upload to an empty folder, where the function is started.
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { deno, type DenoVersion } from "../../local/tools/binaries.ts";
import { query } from "../../local/stack/database.ts";
import { FunctionProcess } from "../../local/stack/function-process.ts";
import { logNothing } from "../../local/stack/log.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { supabase } from "../../local/tools/supabase-cli.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { copyOfTheProject, names, temporaryFolder } from "./checkout.ts";
import { ManagementApi, type Upload } from "./management_api.ts";

const denoVersions: DenoVersion[] = ["2.1.4", "current"];
/** The platform's limit for functions that it bundles itself. */
const BUNDLE_BYTES = 5 * 1024 * 1024;

/** A message that can be processed on an empty database, for the queues that have one; the others are drained empty. */
const messages: Record<string, object> = {
  like_events: {
    event_type: "unlike",
    event_value: -1,
    post_id: crypto.randomUUID(),
    liker_session_id: "s",
    new_like_count: 0,
    timestamp: new Date(),
  },
  analytics: { event: "like", timestamp: new Date() },
  notifications: { type: "new_follower", recipient_id: crypto.randomUUID(), timestamp: new Date() },
  deliveries: { delivery_id: crypto.randomUUID() },
};

/** The status of a call without a key, if not 401: mail servers, which unsubscribe, have no key. */
const answerToStrangers: Record<string, number> = { unsubscribe: 400 };

Deno.test("a deploy without Docker", async (t) => {
  const functions = names(`${ROOT}/supabase/functions`).filter((name) => !name.startsWith("_"));
  await using folder = await temporaryFolder();
  await using api = new ManagementApi(`${folder.path}/uploads`);
  const checkout = await copyOfTheProject(`${folder.path}/checkout`, api);

  await t.step("uploads every function", async () => {
    const said = await deploy(checkout);
    match(said, /Deployed Functions/);
    ok(!/WARN/.test(said), said);
    deepEqual(api.uploads.map((upload) => upload.slug).toSorted(), functions);
  });

  for (const upload of api.uploads) {
    await t.step(`${upload.slug}: uploads all it needs, byte for byte, and nothing else`, async () => {
      const { slug, metadata } = upload;
      // Only the shared files that it imports; its start proves that they suffice.
      const shared = upload.files.filter((file) => file.startsWith("supabase/functions/_shared/"));
      ok(shared.length > 0);
      const own = names(`${ROOT}/supabase/functions/${slug}`).map((name) => `supabase/functions/${slug}/${name}`);
      const packages = (await packagesOf(slug)).flatMap((folder) => {
        return names(`${ROOT}/${folder}`).map((name) => `${folder}/${name}`);
      });
      deepEqual(upload.files.toSorted(), [...shared, ...own, ...packages].toSorted());
      let bytes = 0;
      for (const file of upload.files) {
        const [sent, ours] = await Promise.all([upload.folder, ROOT].map((from) => Deno.readFile(`${from}/${file}`)));
        deepEqual(sent, ours, file);
        bytes += sent!.length;
      }
      ok(bytes < BUNDLE_BYTES, `${bytes} bytes`);
      deepEqual([metadata.entrypoint_path, metadata.import_map_path, metadata.verify_jwt], [
        `supabase/functions/${slug}/index.ts`,
        `supabase/functions/${slug}/deno.json`,
        false,
      ]);
    });
  }

  await t.step("maps every package", async () => {
    const mapped = await Promise.all(functions.map(packagesOf));
    deepEqual([...new Set(mapped.flat())].toSorted(), names(`${ROOT}/pkg`).map((name) => `pkg/${name}`));
  });

  await using stack = await startStack({ statementTimeout: "10min", log: logNothing });
  for (const version of denoVersions) {
    for (const upload of api.uploads) {
      const drains = await queueOf(upload.slug, stack) ? " and drains its queue" : "";
      await t.step(`${upload.slug}: starts from its upload on Deno ${version}${drains}`, async () => {
        await startsFrom(upload, version, stack, folder.path);
      });
    }
  }

  await t.step("fails without the packages of the core, and uploads nothing that needs one", async () => {
    await Deno.remove(`${checkout}/pkg`, { recursive: true });
    const before = api.uploads.length;
    await rejects(deploy(checkout), /pkg\/\w+\/.*no such file or directory/i);
    for (const { slug } of api.uploads.slice(before)) deepEqual(await packagesOf(slug), [], slug);
  });
});

// `make lint` does so on the current Deno.
Deno.test("the functions type-check on Deno 2.1.4", async () => {
  const functions = `${ROOT}/supabase/functions`;
  for (const name of names(functions).filter((name) => !name.startsWith("_"))) {
    const args = ["check", "--no-lock", `--config=${functions}/${name}/deno.json`, `${functions}/${name}/index.ts`];
    const env = { DENO_TLS_CA_STORE: "system,mozilla", DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    const { success, stderr } = await new Deno.Command(deno("2.1.4"), { args, env }).output();
    ok(success, new TextDecoder().decode(stderr));
  }
});

/** The package of the core that a function maps, or none. */
async function packagesOf(slug: string): Promise<string[]> {
  const config = await Deno.readTextFile(`${ROOT}/supabase/functions/${slug}/deno.json`);
  const imports: Record<string, string> = JSON.parse(config).imports;
  const packages = Object.values(imports).filter((target) => target.includes("pkg"));
  // One of the core; the images have two more.
  ok(packages.filter((target) => !/\/(images|heic)\/$/.test(target)).length < 2, `${slug} maps ${packages}`);
  return packages.map((target) => {
    match(target, /^\.\.\/\.\.\/\.\.\/pkg\/\w+\/$/);
    return target.slice("../../../".length, -1);
  });
}

async function startsFrom(upload: Upload, denoVersion: DenoVersion, stack: Stack, folder: string): Promise<void> {
  // The environment of an Edge Function.
  const env = {
    SUPABASE_URL: stack.url,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.secretKey }),
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.publishableKey }),
    // A busy machine uses a budget up before the queue is empty.
    QUEUES_CPU_MS: "600000",
    QUEUES_WALL_MS: "600000",
  };
  const entryFolder = await Deno.makeTempDir({ dir: folder });
  const source = { name: upload.slug, folder: `${upload.folder}/supabase/functions/${upload.slug}` };
  const worker = new FunctionProcess({ ...source, entryFolder, denoVersion, env, log: logNothing });
  try {
    const url = `${await worker.url}/${upload.slug}`;
    const stranger = await fetch(url, { method: "POST" });
    await stranger.body?.cancel();
    equal(stranger.status, answerToStrangers[upload.slug] ?? 401);
    const queue = await queueOf(upload.slug, stack);
    if (!queue) return;
    const sent = await send(stack, queue, messages[queue]);
    const response = await fetch(url, { method: "POST", headers: { apikey: stack.secretKey } });
    const body = await response.json();
    equal(response.status, 200, JSON.stringify(body));
    deepEqual([body.queue, body.processed, body.deadLettered, body.stoppedBecause], [queue, sent, 0, "empty"]);
  } finally {
    await worker.stop();
  }
}

/** The queue that a function drains, if it is a worker. */
function queueOf(slug: string, stack: Stack): Promise<string | undefined> {
  return query(stack.databaseUrl, async (sql) => {
    const [settings] = await sql`select queue from queues.settings where function_name = ${slug}`;
    return settings?.queue;
  });
}

/** Returns how many messages the queue has then: other functions may have sent some too. */
function send(stack: Stack, queue: string, message?: object): Promise<number> {
  return query(stack.databaseUrl, async (sql) => {
    if (message && "recipient_id" in message) {
      await sql`insert into profiles (id) values (${`${message.recipient_id}`}) on conflict do nothing`;
    }
    if (message) await sql`select pgmq.send(${queue}, ${JSON.stringify(message)}::text::jsonb)`;
    return (await sql`select from pgmq.${sql(`q_${queue}`)}`).count;
  });
}

function deploy(checkout: string): Promise<string> {
  const args = ["functions", "deploy", "--use-api", `--remote=${"a".repeat(20)}`, "--yes"];
  return supabase(checkout, args, {
    SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
    SUPABASE_PROFILE: `${checkout}/profile.yaml`,
  });
}
