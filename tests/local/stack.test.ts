import assert from "node:assert/strict";
import { query } from "../../local/stack/database.ts";
import { signToken } from "../../local/stack/keys.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack/stack.ts";
import { logNothing } from "../../local/stack/log.ts";

const fixtures = `${import.meta.dirname}/fixtures`;

function start(options: StackOptions = {}): Promise<Stack> {
  return startStack({
    migrationsDir: `${fixtures}/migrations`,
    functionsDir: `${fixtures}/functions`,
    log: logNothing,
    ...options,
  });
}

for (const pgVersion of [15, 17] as const) {
  Deno.test(`a stack on Postgres ${pgVersion}`, async (test) => {
    await using stack = await start({ pgVersion });

    await test.step("runs that version, with the migrations applied and recorded", async () => {
      const rows = await query(stack.databaseUrl, async (sql) => [
        ...await sql`select current_setting('server_version_num')::int / 10000 as version, m.version as migration, m.name
                     from supabase_migrations.schema_migrations m`,
      ]);
      assert.deepEqual(rows, [{ version: pgVersion, migration: "20260101000000", name: "notes" }]);
    });

    await test.step("the project's owner is no superuser and has pgmq", async () => {
      const [row] = await query(
        stack.databaseUrl,
        (sql) =>
          sql`select current_user as name, current_setting('is_superuser') as super,
                   to_regprocedure('pgmq.send(text, jsonb)') is not null as pgmq`,
      );
      assert.deepEqual(row, { name: "postgres", super: "off", pgmq: true });
    });

    await test.step("fsync is on", async () => {
      const [row] = await query(stack.databaseUrl, (sql) => sql`show fsync`);
      assert.equal(row?.fsync, "on");
    });

    await test.step("a new table has only the grants of its migration", async () => {
      assert.equal((await rest(stack, "notes", { apikey: stack.publishableKey })).status, 200);
      assert.equal((await rest(stack, "notes", { apikey: stack.secretKey })).status, 200);
      const asUser = { apikey: stack.publishableKey, authorization: `Bearer ${await userToken(stack)}` };
      assert.equal((await rest(stack, "notes", asUser)).status, 403);
    });
  });
}

Deno.test("the gateway turns keys into roles", async (test) => {
  await using stack = await start();
  const role = (headers: Record<string, string>) => rest(stack, "rpc/who_am_i", headers);

  await test.step("the publishable key is anon", async () => {
    assert.deepEqual(await role({ apikey: stack.publishableKey }), { status: 200, body: "anon" });
  });
  await test.step("the secret key is service_role", async () => {
    assert.deepEqual(await role({ apikey: stack.secretKey }), { status: 200, body: "service_role" });
  });
  await test.step("a key that is also sent as a bearer token, as supabase-js does, works", async () => {
    const headers = { apikey: stack.secretKey, authorization: `Bearer ${stack.secretKey}` };
    assert.deepEqual(await role(headers), { status: 200, body: "service_role" });
  });
  await test.step("a user's token takes precedence over the key", async () => {
    const headers = { apikey: stack.publishableKey, authorization: `Bearer ${await userToken(stack)}` };
    assert.deepEqual(await role(headers), { status: 200, body: "authenticated" });
  });
  await test.step("a forged token is refused", async () => {
    const token = await signToken("another secret, as long as the right one", { role: "service_role" });
    assert.equal((await role({ apikey: stack.publishableKey, authorization: `Bearer ${token}` })).status, 401);
  });
  await test.step("a missing and an unknown key are refused", async () => {
    assert.deepEqual(await role({}), { status: 401, body: { message: "No API key found in request" } });
    assert.deepEqual(await role({ apikey: "sb_secret_other" }), { status: 401, body: { message: "Invalid API key" } });
  });
  await test.step("a preflight request needs no key", async () => {
    const response = await fetch(`${stack.url}/rest/v1/rpc/who_am_i`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", "access-control-request-method": "POST" },
    });
    await response.body?.cancel();
    assert.equal(response.status, 200);
    assert.ok(response.headers.has("access-control-allow-origin"));
  });
  await test.step("an unknown path is 404", async () => {
    const response = await fetch(`${stack.url}/elsewhere`);
    await response.body?.cancel();
    assert.equal(response.status, 404);
  });
});

for (const denoVersion of ["2.1.4", "current"] as const) {
  Deno.test(`functions on Deno ${denoVersion}`, async (test) => {
    await using gate = new Gate();
    await using stack = await start({ denoVersion, workersPerFunction: 2 });
    const hello = (query = "", init: RequestInit = {}) => call(stack, `hello${query}`, init);

    await test.step("an unknown function and a shared folder are 404", async () => {
      assert.equal((await call(stack, "nobody")).status, 404);
      assert.equal((await call(stack, "_shared")).status, 404);
    });
    await test.step("no process runs before the first call", async () => {
      assert.deepEqual(await stack.functions.pids("hello"), []);
    });
    await test.step("a function gets the request unchanged and a project's environment", async () => {
      const { status, body } = await hello("/more?a=1", { method: "POST", body: "hi", headers: { apikey: "mine" } });
      assert.equal(status, 200);
      const expected = { greeting: "hello", path: "/hello/more", apikey: "mine", body: "hi" };
      assert.deepEqual(pick(body, Object.keys(expected)), expected);
      assert.deepEqual(JSON.parse(body.keys), { default: stack.secretKey });
      if (denoVersion === "2.1.4") assert.equal(body.deno, denoVersion);
    });
    await test.step("a second process starts only when the first is busy", async () => {
      await hello();
      assert.equal((await stack.functions.pids("hello")).length, 1);
      const waiting = [1, 2, 3].map(() => hello(`?wait_for=${gate.url}`));
      await gate.arrivals(3);
      gate.open();
      const answers = await Promise.all(waiting);
      assert.equal(new Set(answers.map(({ body }) => body.pid)).size, 2);
      assert.equal((await stack.functions.pids("hello")).length, 2);
    });
    await test.step("a process is busy while it works after its response", async () => {
      const [first, second] = [await hello(`?stay_for=${gate.url}`), await hello()];
      assert.notEqual(first.body.pid, second.body.pid);
      await gate.arrivals(1);
      gate.open();
    });
    await test.step("SIGTERM fires beforeunload, and pending requests are answered", async () => {
      const answer = hello(`?wait_for=${gate.url}`);
      await gate.arrivals(1);
      await stack.functions.kill("hello", "SIGTERM");
      assert.equal((await answer).status, 200);
      assert.deepEqual(await stack.functions.pids("hello"), []);
      gate.open();
    });
    await test.step("a request gets 502 when its process is killed, and the next one a new process", async () => {
      const before = await stack.functions.pids("hello");
      const answer = hello(`?wait_for=${gate.url}`);
      await gate.arrivals(1);
      await stack.functions.kill("hello", "SIGKILL");
      assert.equal((await answer).status, 502);
      const after = await hello();
      assert.equal(after.status, 200);
      assert.ok(!before.includes(after.body.pid));
    });
  });
}

Deno.test("PostgREST survives a restart and a crash of Postgres", async () => {
  await using stack = await start();
  const insert = "insert into notes select coalesce(max(id), 0) + 1, 'kept' from notes returning id";
  for (const interrupt of [() => stack.postgres.restart(), () => stack.postgres.kill()]) {
    const [note] = await query(stack.databaseUrl, (sql) => sql.unsafe(insert));
    await interrupt();
    if (!stack.postgres.pid) await stack.postgres.restart();
    // While it reconnects, PostgREST answers 503.
    let answer = await rest(stack, `notes?id=eq.${note?.id}`, { apikey: stack.secretKey });
    for (; answer.status === 503; await pause()) {
      answer = await rest(stack, `notes?id=eq.${note?.id}`, { apikey: stack.secretKey });
    }
    assert.deepEqual(answer, { status: 200, body: [{ id: note?.id, body: "kept" }] });
  }
});

Deno.test("a given data folder keeps its data and is not migrated twice", async () => {
  const dataDir = await Deno.makeTempDir();
  const migrationsDir = await Deno.makeTempDir();
  const migration = "20260101000000_notes.sql";
  try {
    await Deno.copyFile(`${fixtures}/migrations/${migration}`, `${migrationsDir}/${migration}`);
    const first = await start({ dataDir, migrationsDir });
    await query(first.databaseUrl, (sql) => sql`insert into notes values (1, 'kept')`);
    await first.stop();
    await Deno.writeTextFile(`${migrationsDir}/${migration}`, "select 1;\n", { append: true });
    await using second = await start({ dataDir, migrationsDir });
    assert.deepEqual([first.migrations.length, second.migrations.length], [1, 0]);
    assert.deepEqual([first.editedMigrations, second.editedMigrations], [[], [migration]]);
    assert.equal((await rest(second, "notes?id=eq.1", { apikey: second.secretKey })).body.length, 1);
  } finally {
    await Deno.remove(migrationsDir, { recursive: true });
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("the error for a taken port names the variable that selects another", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await assert.rejects(start({ port }), new RegExp(`port ${port} is taken: set PORT`));
  await assert.rejects(start({ dbPort: port }), new RegExp(`port ${port} is taken: set DB_PORT`));
});

Deno.test("the error of a failed migration names its file and line", async () => {
  const migrationsDir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${migrationsDir}/1_wrong.sql`, "select 1;\nselect nothing;");
    await assert.rejects(start({ migrationsDir }), /migration 1_wrong\.sql failed: .*"nothing".* at line 2/);
  } finally {
    await Deno.remove(migrationsDir, { recursive: true });
  }
});

/** A URL whose responses wait until the gate opens. */
class Gate implements AsyncDisposable {
  #waiting: (() => void)[] = [];
  #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return new Promise((resolve) => this.#waiting.push(() => resolve(new Response())));
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Resolves once `count` requests wait. */
  async arrivals(count: number): Promise<void> {
    while (this.#waiting.length < count) await pause();
  }

  open(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open();
    await this.#server.shutdown();
  }
}

async function rest(stack: Stack, path: string, headers: Record<string, string>) {
  const response = await fetch(`${stack.url}/rest/v1/${path}`, { headers });
  return { status: response.status, body: await response.json() };
}

async function call(stack: Stack, path: string, init: RequestInit = {}) {
  const response = await fetch(`${stack.url}/functions/v1/${path}`, init);
  return { status: response.status, body: await response.json() };
}

function userToken(stack: Stack): Promise<string> {
  return signToken(stack.jwtSecret, { role: "authenticated", sub: crypto.randomUUID() });
}

function pick(object: Record<string, unknown>, keys: string[]) {
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
