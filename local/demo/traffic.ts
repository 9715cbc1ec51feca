/** The demo's traffic: likes and unlikes over HTTP, with invalid calls and messages among them. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { query } from "../stack/database.ts";
import { signToken } from "../stack/keys.ts";
import type { Stack } from "../stack/stack.ts";

/** A multiple of four. */
export const TOGGLES = 4 * Math.ceil((Number(Deno.env.get("DEMO_TOGGLES")) || 2_400) / 4);
const CLIENTS = 24;
const PEOPLE = 6;
const POSTS = 30;
const SESSIONS = 150;

/** A toggle that returned success. */
export interface Toggle {
  postId: string;
  sessionId: string;
  isLiked: boolean;
}

export interface Traffic {
  toggles: Toggle[];
  /** Deleted meanwhile. */
  deletedPostId: string;
  /** Failed calls, by code. */
  refused: Map<string, number>;
  /** The number of invalid messages sent to the queues. */
  poison: number;
  elapsedMs: number;
}

interface Post {
  id: string;
  ownerId: string;
}

/** Creates people with posts. */
export async function seed(stack: Stack): Promise<Post[]> {
  return await query(stack.databaseUrl, async (sql) =>
    await sql<Post[]>`
      with people as (
        insert into public.profiles (id, username)
        select gen_random_uuid(), 'person ' || n from generate_series(1, ${PEOPLE}::int) n
        returning id
      ), numbered as (
        select id, row_number() over () as n from people
      )
      insert into public.posts_new (id, profile_id, caption)
      select gen_random_uuid(), p.id, 'Photo ' || m
      from generate_series(1, ${POSTS}::int) m
      join numbered p on p.n = 1 + m % ${PEOPLE}::int
      returning id, profile_id as "ownerId"`);
}

/**
 * Calls toggle_post_like from many clients at once: mostly likes and unlikes, some malformed, some of one's own post; one
 * post is deleted meanwhile, and invalid messages reach the queues.
 */
export async function drive(stack: Stack, posts: Post[]): Promise<Traffic> {
  const traffic: Traffic = { toggles: [], deletedPostId: posts[0]!.id, refused: new Map(), poison: 0, elapsedMs: 0 };
  const owner = posts[1]!.ownerId;
  const options = { auth: { persistSession: false, autoRefreshToken: false } };
  const anonymous = createClient(stack.url, stack.publishableKey, options);
  const token = await signToken(stack.jwtSecret, { role: "authenticated", sub: owner });
  const signedIn = createClient(stack.url, stack.publishableKey, { ...options, accessToken: async () => await token });

  const started = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    for (let n = next++; n < TOGGLES; n = next++) {
      if (n === TOGGLES / 2) traffic.poison = await sendPoison(stack);
      if (n === TOGGLES * 3 / 4) {
        await query(stack.databaseUrl, (sql) => sql`delete from public.posts_new where id = ${traffic.deletedPostId}`);
      }
      const post = posts[mix(n) % POSTS]!;
      const isSignedIn = n % 12 === 0;
      await toggle(isSignedIn ? signedIn : anonymous, traffic, {
        postId: n % 97 === 0 ? "not-a-post" : n % 89 === 0 ? crypto.randomUUID() : post.id,
        sessionId: n % 101 === 0 ? "" : n % 103 === 0 ? "s".repeat(500) : `session-${mix(n * 31) % SESSIONS}`,
      });
    }
  }));
  traffic.elapsedMs = performance.now() - started;
  return traffic;
}

async function toggle(client: SupabaseClient, traffic: Traffic, call: Omit<Toggle, "isLiked">): Promise<void> {
  const { data, error } = await client.rpc("toggle_post_like", {
    p_post_id: call.postId,
    p_session_id: call.sessionId,
  });
  const code = error ? error.code : data.success ? undefined : data.code;
  if (code !== undefined) {
    traffic.refused.set(code, (traffic.refused.get(code) ?? 0) + 1);
    return;
  }
  traffic.toggles.push({ ...call, isLiked: data.isLiked });
}

/** Sends messages as a faulty producer would. */
async function sendPoison(stack: Stack): Promise<number> {
  const bodies = [
    null,
    [],
    "like",
    { event_type: "superlike", event: "Not A Name", type: "poke" },
    { event_type: "like", event_value: 1, event: "like", type: "new_like", post_id: 42, recipient_id: "me" },
    { v: 9 },
    { text: "x".repeat(300_000) },
  ].map((body) => JSON.stringify(body));
  return await query(stack.databaseUrl, async (sql) => {
    const sent = await sql`
      select pgmq.send(queue, body::jsonb)
      from unnest(array['like_events', 'notifications', 'analytics']) queue,
        json_array_elements_text(${JSON.stringify(bodies)}::text::json) body`;
    return sent.length;
  });
}

/** Spreads numbers in the same way in every run: multiplicative hashing (Knuth, volume 3, section 6.4). */
function mix(n: number): number {
  return Math.imul(n, 0x9e3779b1) >>> 8;
}
