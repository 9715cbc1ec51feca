/** Likes at a steady rate, each by a person of its own under a post of its own, so that each rings a bell. */
import type connect from "postgres";
import type { Providers } from "../../../local/providers/providers.ts";
import type { Stack } from "../../../local/stack/stack.ts";

const OWNERS = 200;

/** Owners with a device each. Nothing holds back what they are told. */
export async function gather(sql: connect.Sql, providers: Providers): Promise<void> {
  await sql`update queues.rate_limits set enabled = false`;
  await sql`update queues.notification_settings set hourly_cap_push = 10000, breaker_base_secs = 1, breaker_cap_secs = 2`;
  const owners = Array.from({ length: OWNERS }, () => ({ id: crypto.randomUUID(), ...providers.newDevice("fcm") }));
  const rows = sql.json(owners as never);
  await sql`insert into profiles (id) select id from jsonb_to_recordset(${rows}) o (id uuid)`;
  await sql`
    insert into devices (profile_id, provider, token)
    select id, provider, token from jsonb_to_recordset(${rows}) o (id uuid, provider text, token text)`;
}

export class Likes {
  /** Posts whose like was accepted. */
  readonly accepted: string[] = [];
  /** Posts whose like has no answer, as the database was restarted: it may have happened. */
  readonly unanswered: string[] = [];
  #isOn = true;
  #posts: string[] = [];
  #all: Promise<void>;

  constructor(private stack: Stack, private sql: connect.Sql, private perSec: number) {
    this.#all = this.#drive();
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#all;
  }

  async #drive(): Promise<void> {
    const started = performance.now();
    const open = new Set<Promise<void>>();
    for (let n = 0; this.#isOn; n++) {
      const wait = started + n * 1000 / this.perSec - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const post = this.#posts.pop() ?? await this.#newPosts();
      if (post === undefined) continue;
      const like = this.#like(post).finally(() => open.delete(like));
      open.add(like);
    }
    await Promise.all(open);
  }

  async #newPosts(): Promise<string | undefined> {
    try {
      const rows = await this.sql`
        insert into posts_new (profile_id)
        select id from profiles order by random() limit ${Math.min(OWNERS, 1 + this.perSec * 5)} returning id`;
      this.#posts = rows.map(({ id }) => id);
    } catch {
      // The server is being restarted; the next like asks again.
    }
    return this.#posts.pop();
  }

  async #like(post: string): Promise<void> {
    const answer = await fetch(`${this.stack.url}/rest/v1/rpc/toggle_post_like`, {
      method: "POST",
      headers: { apikey: this.stack.publishableKey, "content-type": "application/json" },
      body: JSON.stringify({ p_post_id: post, p_session_id: post }),
    }).then((response) => response.json()).catch(() => undefined);
    (answer?.success ? this.accepted : this.unanswered).push(post);
  }
}
