/** The stand-in of Supabase Realtime, with the client library that apps use. */
import assert from "node:assert/strict";
import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import { query } from "../../local/stack/database.ts";
import { signToken } from "../../local/stack/keys.ts";
import { logNothing } from "../../local/stack/log.ts";
import { addPeople, PASSWORD, people } from "../../local/stack/people.ts";
import { startStack } from "../../local/stack/stack.ts";

const [ana, ben] = people;

Deno.test("people hear broadcasts and changes with supabase-js", async (test) => {
  await using stack = await startStack({ statementTimeout: "10min", log: logNothing, realtime: true });
  await query(stack.adminDatabaseUrl, addPeople);
  const run = (text: string) => query(stack.databaseUrl, (sql) => sql.unsafe(text));
  const send = (topic: string, payload: unknown) =>
    query(
      stack.databaseUrl,
      (sql) => sql`select realtime.send(${sql.json(payload as never)}, 'notification', ${topic}, true)`,
    );
  await using clients = new Clients(stack.url, stack.publishableKey);
  const topic = `notifications:${ana!.id}`;
  const [ofAna, ofBen] = [await clients.signedIn(ana!.email), await clients.signedIn(ben!.email)];

  await test.step("a person hears what the database sends to them, once it is committed", async () => {
    const heard = await new Listener(ofAna, topic).joined();
    await assert.rejects(run(`begin; select realtime.send('{"n": 0}', 'notification', '${topic}'); select 1 / 0`));
    await send(topic, { n: 1, text: "¡qué luz! 👩‍🚀 \"' \\ <b>" });
    await send(`notifications:${ben!.id}`, { n: 2 });
    await send(topic, { n: 3 });
    await heard.until(() => heard.payloads.length === 2);
    assert.deepEqual(heard.payloads.map(({ n }) => n), [1, 3]);
    assert.equal(heard.payloads[0]!.text, "¡qué luz! 👩‍🚀 \"' \\ <b>");
    await ofAna.removeChannel(heard.channel);
  });

  await test.step("a topic of somebody else is refused, and of everybody to a guest", async () => {
    for (const supabase of [ofBen, clients.guest()]) {
      const listener = new Listener(supabase, topic);
      await listener.until(() => listener.states.includes("CHANNEL_ERROR"));
      assert.match(listener.errors[0]!, /^Unauthorized: You do not have permissions to read from this Channel topic/);
      await supabase.removeChannel(listener.channel);
    }
  });

  await test.step("a public channel of the same name does not hear what is private", async () => {
    const spy = await new Listener(ofBen, topic, { private: false }).joined();
    const heard = await new Listener(ofAna, topic).joined();
    await send(topic, { n: 1 });
    await heard.until(() => heard.payloads.length === 1);
    assert.deepEqual(spy.payloads, []);
    await ofAna.removeChannel(heard.channel);
    await ofBen.removeChannel(spy.channel);
  });

  await test.step("clients send to each other on a public channel, and not on a private one they may only hear", async () => {
    const [from, to] = [
      await new Listener(ofAna, "room", { private: false }).joined(),
      await new Listener(ofBen, "room", { private: false }).joined(),
    ];
    assert.equal(await from.channel.send({ type: "broadcast", event: "notification", payload: { hi: "ñ" } }), "ok");
    await to.until(() => to.payloads.length === 1);
    assert.equal(to.payloads[0]!.hi, "ñ");
    assert.deepEqual(from.payloads, []);
    const [one, other] = [
      await new Listener(ofAna, topic).joined(),
      await new Listener(await clients.signedIn(ana!.email), topic).joined(),
    ];
    await one.channel.send({ type: "broadcast", event: "notification", payload: { forged: true } });
    await send(topic, { n: 1 });
    await other.until(() => other.payloads.length === 1);
    assert.equal(other.payloads[0]!.forged, undefined);
    await ofAna.removeAllChannels();
    await ofBen.removeAllChannels();
  });

  await test.step("a channel that was left is joined anew, as React's StrictMode does", async () => {
    const before = stack.realtime!.channels;
    const first = new Listener(ofAna, topic);
    await ofAna.removeChannel(first.channel);
    const second = await new Listener(ofAna, topic).joined();
    await send(topic, { n: 1 });
    await second.until(() => second.payloads.length === 1);
    assert.equal(first.payloads.length, 0);
    assert.equal(stack.realtime!.channels, before + 1);
    await ofAna.removeAllChannels();
    await second.until(() => stack.realtime!.channels === before);
  });

  await test.step("a client that was cut off joins again by itself", async () => {
    const heard = await new Listener(ofAna, topic).joined();
    stack.realtime!.disconnect();
    await heard.until(() => heard.states.filter((state) => state === "SUBSCRIBED").length === 2);
    await send(topic, { n: 1 });
    await heard.until(() => heard.payloads.length === 1);
    await ofAna.removeAllChannels();
  });

  await test.step("broadcasts go on after a restart of Postgres", async () => {
    const heard = await new Listener(ofAna, topic).joined();
    await stack.postgres.restart();
    // What is sent before Realtime is back is lost, as on the platform.
    await heard.until(async () => {
      await send(topic, { n: 1 });
      return heard.payloads.length > 0;
    });
    await ofAna.removeAllChannels();
  });

  await test.step("a channel ends with its token, and a token that is renewed in time keeps it", async () => {
    const token = (secs: number) =>
      signToken(stack.jwtSecret, {
        role: "authenticated",
        sub: ana!.id,
        exp: Math.floor(Date.now() / 1000) + secs,
        nonce: crypto.randomUUID(),
      });
    // On a busy machine a short token may end before both have joined, and the other one is renewed too late.
    for (let secs = 2;; secs *= 2) {
      const [short, renewed] = [clients.guest(), clients.guest()];
      const first = await token(secs);
      await Promise.all([short.realtime.setAuth(first), renewed.realtime.setAuth(first)]);
      const [ends, stays] = [new Listener(short, topic), new Listener(renewed, topic)];
      await stays.until(() => stays.states.length > 0 && ends.states.length > 0);
      await renewed.realtime.setAuth(await token(3600));
      await ends.until(() => ends.states.includes("CLOSED") || ends.errors.length > 0);
      await send(topic, { n: 1 });
      const isOn = () => stays.states.join() === "SUBSCRIBED";
      await stays.until(() => stays.payloads.length === 1 || !isOn());
      if (isOn() && ends.states[0] === "SUBSCRIBED" || secs > 100) {
        assert.deepEqual(stays.states, ["SUBSCRIBED"]);
        assert.deepEqual(ends.payloads, []);
        break;
      }
      await Promise.all([short.removeAllChannels(), renewed.removeAllChannels()]);
    }
  });

  await test.step("an expired, a forged and a malformed token are refused", async () => {
    const expired = await signToken(stack.jwtSecret, { role: "authenticated", sub: ana!.id, exp: 1 });
    const forged = await signToken("another secret, as long as the right one", {
      role: "authenticated",
      sub: ana!.id,
      exp: 9e9,
    });
    const root = await signToken(stack.jwtSecret, { role: "supabase_admin", exp: 9e9 });
    for (
      const [token, problem] of [
        [expired, /^InvalidJWTToken: Token has expired/],
        [forged, /^JwtSignatureError/],
        ["x.y.z", /^MalformedJWT/],
        [root, /^Unauthorized/],
      ] as const
    ) {
      const supabase = clients.guest();
      await supabase.realtime.setAuth(token);
      const listener = new Listener(supabase, topic);
      await listener.until(() => listener.errors.length > 0);
      assert.match(listener.errors[0]!, problem);
    }
  });

  await test.step("changes of a published table arrive as far as the person may see the row", async () => {
    const [post] = await run(`insert into posts_new (profile_id, caption) values ('${ana!.id}', 'luz') returning id`);
    await run(`create policy "no secrets" on posts_new as restrictive for select to authenticated
      using (caption not like 'secret%' or profile_id = (select auth.uid()))`);
    // deno-lint-ignore no-explicit-any
    const hear = async (supabase: SupabaseClient, seen: any[]) => {
      const channel = supabase.channel("posts").on(
        "postgres_changes",
        { event: "UPDATE", schema: "public", table: "posts_new", filter: `id=eq.${post!.id}` },
        (change) => seen.push(change),
      );
      const ready = Promise.withResolvers<void>();
      channel.on("system", {}, ({ status }) => status === "ok" ? ready.resolve() : ready.reject(status));
      channel.subscribe();
      await ready.promise;
    };
    // deno-lint-ignore no-explicit-any
    const [byAna, byBen]: any[][] = [[], []];
    await hear(ofAna, byAna!);
    await hear(ofBen, byBen!);
    await run(`insert into posts_new (caption) values ('another')`);
    await run(`update posts_new set caption = 'secret', likes = 6 where id = '${post!.id}'`);
    await until(() => byAna!.length === 1);
    await run(`update posts_new set caption = 'luz', likes = 7 where id = '${post!.id}'`);
    await until(() => byAna!.length === 2 && byBen!.length === 1);
    assert.deepEqual(byAna!.map((change) => change.new.likes), [6, 7]);
    assert.deepEqual([byBen![0].new.likes, byBen![0].old, byBen![0].eventType], [7, { id: post!.id }, "UPDATE"]);
  });

  await test.step("what is no message ends the connection and nothing else", async () => {
    const heard = await new Listener(ofAna, topic).joined();
    for (
      const frame of [
        "",
        "{",
        "[]",
        "null",
        '["1","1","realtime:x","phx_join",{"config":3}]',
        new Uint8Array([9, 9]),
        new Uint8Array(1),
      ]
    ) {
      const socket = new WebSocket(
        `${stack.url.replace("http", "ws")}/realtime/v1/websocket?vsn=2.0.0&apikey=${stack.publishableKey}`,
      );
      const ended = new Promise((resolve) => socket.onclose = socket.onmessage = resolve);
      socket.onopen = () => socket.send(frame);
      await ended;
      socket.close();
    }
    await send(topic, { n: 1 });
    await heard.until(() => heard.payloads.length === 1);
  });

  await test.step("a connection needs a key", async () => {
    const response = await fetch(`${stack.url}/realtime/v1/websocket?apikey=wrong`);
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });
});

/** A private channel, with what it heard. */
class Listener {
  // deno-lint-ignore no-explicit-any
  readonly payloads: any[] = [];
  readonly states: string[] = [];
  readonly errors: string[] = [];
  readonly channel: RealtimeChannel;

  constructor(supabase: SupabaseClient, topic: string, config = { private: true }) {
    this.channel = supabase.channel(topic, { config })
      .on("broadcast", { event: "notification" }, ({ payload }) => this.payloads.push(payload))
      .subscribe((state, error) => {
        this.states.push(state);
        if (error) this.errors.push(error.message);
      });
  }

  async joined(): Promise<this> {
    await this.until(() => this.states.includes("SUBSCRIBED"));
    return this;
  }

  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    await until(condition, () => JSON.stringify([this.states, this.errors, this.payloads]));
  }
}

class Clients implements AsyncDisposable {
  #all: SupabaseClient[] = [];

  constructor(private readonly url: string, private readonly key: string) {}

  guest(): SupabaseClient {
    const supabase = createClient(this.url, this.key, {
      auth: { persistSession: false, autoRefreshToken: false },
      // A busy machine takes longer than the library waits by default.
      realtime: { reconnectAfterMs: () => 50, timeout: 300_000, heartbeatIntervalMs: 300_000 },
    });
    this.#all.push(supabase);
    return supabase;
  }

  async signedIn(email: string): Promise<SupabaseClient> {
    const supabase = this.guest();
    const { error } = await supabase.auth.signInWithPassword({ email, password: PASSWORD });
    assert.equal(error, null);
    await supabase.realtime.setAuth();
    return supabase;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const supabase of this.#all) {
      await supabase.removeAllChannels();
      await supabase.realtime.disconnect();
    }
  }
}

async function until(condition: () => boolean | Promise<boolean>, state = () => ""): Promise<void> {
  const giveUp = Date.now() + 600_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`gave up waiting: ${state()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
