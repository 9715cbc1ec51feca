/** What an app downloads for its bell, and how long it takes from a like to the bell of the post's owner. */
import { createClient } from "@supabase/supabase-js";
import connect from "postgres";
import { addPeople, PASSWORD, people } from "../stack/people.ts";
import type { Stack } from "../stack/stack.ts";
import { ROOT } from "../tools/paths.ts";
import { heading, median, row } from "./table.ts";

const PEERS = ["react", "react/jsx-runtime", "react-dom", "@supabase/supabase-js", "@tanstack/react-query"];

/** Minified, in bytes as gzip and without, without what the app has anyway. Needs `make web`. */
export async function bundleBytes(): Promise<{ name: string; plain: number; gzip: number }[]> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/index.js`;
  try {
    const { success, stderr } = await new Deno.Command("node", {
      args: [
        `${ROOT}/web/node_modules/rolldown/bin/cli.mjs`,
        `${ROOT}/web/notifications/dist/index.js`,
        "--minify",
        `--file=${file}`,
        ...PEERS.map((name) => `--external=${name}`),
      ],
    }).output();
    if (!success) throw new Error(`cannot bundle the package: ${new TextDecoder().decode(stderr)}`);
    return [
      { name: "components", ...await bytes(file) },
      { name: "styles", ...await bytes(`${ROOT}/web/notifications/styles.css`) },
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Of a file, compressed. */
export async function gzipBytes(path: string): Promise<number> {
  return (await bytes(path)).gzip;
}

async function bytes(path: string): Promise<{ plain: number; gzip: number }> {
  const content = await Deno.readFile(path);
  const stream = new Response(content).body!.pipeThrough(new CompressionStream("gzip"));
  return { plain: content.length, gzip: (await new Response(stream).arrayBuffer()).byteLength };
}

export async function bundles(): Promise<void> {
  heading("what an app downloads for the bell, KB", ["minified", "gzip"]);
  const kb = (bytes: number) => (bytes / 1000).toFixed(1);
  for (const { name, plain, gzip } of await bundleBytes()) row(name, [kb(plain), kb(gzip)]);
}

/** Likes posts one after the other, as one person, and waits until the other hears of each. */
export async function likeToBell(stack: Stack, sql: connect.Sql, likes: number): Promise<void> {
  await addPeople(sql);
  await sql`update queues.rate_limits set enabled = false`;
  stack.scheduler.start();
  const [ana, ben] = await Promise.all(people.slice(0, 2).map(({ email }) => signIn(stack, email)));
  const posts = await sql<{ id: string }[]>`
    insert into posts_new (profile_id) select ${people[0]!.id} from generate_series(1, ${likes + 1}) returning id`;
  let rings = () => {};
  const joined = Promise.withResolvers<void>();
  const channel = ana!.channel(`notifications:${people[0]!.id}`, { config: { private: true } })
    .on("broadcast", { event: "notification" }, () => rings())
    .subscribe((state) => state === "SUBSCRIBED" ? joined.resolve() : undefined);
  await joined.promise;
  const secs: number[] = [];
  for (const { id } of posts) {
    const heard = new Promise<void>((resolve) => rings = resolve);
    const started = performance.now();
    const { error } = await ben!.rpc("toggle_post_like", { p_post_id: id, p_session_id: "bench" });
    if (error) throw new Error(`a like failed: ${error.message}`);
    await heard;
    secs.push((performance.now() - started) / 1000);
  }
  await ana!.removeChannel(channel);
  await ana!.realtime.disconnect();
  // The first one starts the workers.
  const [first, ...others] = secs;
  heading(`from a like to the bell, s (${likes} likes, one after the other)`, ["the first", "median", "the slowest"]);
  row("", [first!, median(others), Math.max(...others)].map((value) => value.toFixed(2)));
}

async function signIn(stack: Stack, email: string) {
  const client = createClient(stack.url, stack.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
  if (error) throw error;
  await client.realtime.setAuth();
  return client;
}
