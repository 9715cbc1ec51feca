/** `make queue` in a copy of this checkout: the new queue works, and changes three lines of existing files. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";
import { generateQueue, Refused } from "../../tools/queue/generate.ts";
import { nameProblem } from "../../tools/queue/name.ts";
import { startServer } from "../../tools/migration/databases.ts";
import { Project, until } from "../e2e/project.ts";
import { inventoryOf, readInventory } from "../schema/inventory.ts";
import { Checkout } from "./checkout.ts";

const QUEUE = "comment_events";
/** The shortest and the longest name: with both, the files must be formatted. */
const EXTREMES = ["ab", "a".repeat(21) + "_" + "b".repeat(21)];
/** The folders of cargo. Dependencies are built once; those for WebAssembly contain the path of their build. */
const NATIVE = { CARGO_TARGET_DIR: `${ROOT}/target` };
const WASM = {
  CARGO_TARGET_DIR: `${ROOT}/target/copy`,
  // The package only has to work here; test-package compares the bytes of an optimized one.
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
};

Deno.test("make queue", async (t) => {
  await using checkout = await Checkout.copy();
  const deno = `${ROOT}/local/node_modules/.bin/deno`;
  const flags = ["--no-lock", "-A", "--config=tests/deno.json"];

  await t.step("changes nothing if it refuses a name", async () => {
    for (
      const [name, why] of [["analytics", /is taken, src\/queues\/analytics\/message\.rs exists/], [
        "Comments",
        /use words of/,
      ]] as const
    ) {
      const { success, said } = await checkout.try("make", ["queue", `NAME=${name}`]);
      equal(success, false);
      match(said, why);
    }
    await rejectsName(checkout, "input", /the code around it already uses `input`/);
    await rejectsName(checkout, "work", /the code around it already uses `work`/);
    deepEqual(await checkout.changes(), { files: [], lines: {} });
  });

  await t.step("changes nothing if a file cannot be written", async () => {
    // The last new file that it writes.
    const blocked = `${checkout.root}/tests/schema/inventory`;
    await Deno.rename(blocked, `${blocked}.away`);
    await Deno.writeTextFile(blocked, "not a folder\n");
    const error = await generateQueue(checkout.root, QUEUE, new Date()).catch((error) => error);
    await Deno.remove(blocked);
    await Deno.rename(`${blocked}.away`, blocked);
    ok(error instanceof Error && !(error instanceof Refused), `${error}`);
    deepEqual(await checkout.changes(), { files: [], lines: {} });
  });

  await t.step("adds files, and three lines to existing files", async () => {
    const said = await checkout.run("make", ["queue", `NAME=${QUEUE}`]);
    for (const next of [/Fill in:/, /src\/queues\/comment_events\/message\.rs/, /make build test/]) match(said, next);
    const { files, lines } = await checkout.changes();
    deepEqual(lines, {
      "src/queues/mod.rs": { added: 2, removed: 0 },
      "supabase/config.toml": { added: 1, removed: 0 },
    });
    for (const file of files) {
      ok(said.includes(`wrote ${file}\n`), file);
      const placeholder = /queue_name|queue-name|QueueName|VERSION/;
      ok(!placeholder.test(file) && !placeholder.test(await Deno.readTextFile(`${checkout.root}/${file}`)), file);
    }
  });

  await t.step("refuses an existing queue", async () => {
    await checkout.commit();
    await rejectsName(checkout, QUEUE, /is taken/);
    deepEqual(await checkout.changes(), { files: [], lines: {} });
  });

  await t.step("the files are formatted and pass the linters, with names of any length", async () => {
    for (const name of EXTREMES) await checkout.run("make", ["queue", `NAME=${name}`]);
    await checkout.run("cargo", ["fmt", "--check"]);
    await checkout.run("cargo", ["clippy", "--quiet", "--lib", "--profile", "test"], NATIVE);
    const functions = [QUEUE, ...EXTREMES].map((name) => `supabase/functions/process-${name.replaceAll("_", "-")}`);
    for (const command of [["fmt", "--check"], ["lint"]]) {
      await checkout.run(deno, [...command, "--quiet", "--config", "tests/deno.json", ...functions]);
    }
  });

  await t.step("the tests of its message, contract and SQL pass", async () => {
    const tests = [
      "--lib",
      "--test",
      "contract",
      "--",
      QUEUE,
      "decides_the_golden_settlement",
      "each_queue_has_the_name",
    ];
    const cargo = await checkout.run("cargo", ["test", ...tests], NATIVE);
    match(cargo, /queues::comment_events::message::tests::a_message_names_its_post_and_time \.\.\. ok/);
    match(cargo, /decides_the_golden_settlement_for_each_golden_claim \.\.\. ok/);
    const pgtap = await checkout.run(deno, ["run", ...flags, "tests/sql/run.ts", QUEUE], { PG_VERSIONS: "17" });
    match(pgtap, /6 passed, 0 failed/);
    const contracts = await checkout.run(deno, ["test", ...flags, "tests/sql/contracts.test.ts"], {
      PG_VERSIONS: "17",
    });
    match(
      contracts,
      /comment_events\.events_and_rejects\.json: its settlement leaves the rows that it contains \.\.\. ok/,
    );
  });

  await t.step("its migration makes exactly what its inventory lists", async () => {
    await using server = await startServer(17);
    const database = await server.migrated(`${checkout.root}/supabase/migrations`);
    deepEqual(await inventoryOf(database), readInventory(`${checkout.root}/tests/schema/inventory`));
  });

  await t.step("make build includes it", async () => {
    await checkout.run("make", ["build"], WASM);
    const contracts = await checkout.run(deno, ["test", ...flags, "tests/contract/contract.test.ts"]);
    match(contracts, /comment_events: keeps a message .* ok/);
  });

  await t.step("a message is dispatched, processed and archived, and its effect applied", async () => {
    await using project = await Project.start({
      functionsDir: `${checkout.root}/supabase/functions`,
      migrationsDir: `${checkout.root}/supabase/migrations`,
      scheduler: true,
    });
    const { ids: [post] } = await project.posts(1);
    const message = { post_id: post, timestamp: new Date(), comment: "What a light!" };
    await project.send(QUEUE, [JSON.stringify(message), "{}"]);
    await until(async () => await project.count(`analytics_events where event_type = '${QUEUE}'`) > 0, "the event");
    const [event] = await project.sql`select post_id, metadata from analytics_events`;
    deepEqual(event, { post_id: post, metadata: { comment: "What a light!" } });
    equal(await project.count(`pgmq.a_${QUEUE}`), 1);
    deepEqual((await project.deadLetters(QUEUE)).map(({ error }) => error), ["`post_id` is missing"]);
    await until(
      async () => await project.count(`queues.dispatches where queue = '${QUEUE}' and outcome = 'accepted'`) > 0,
      "the answer to the call",
    );
    equal(await project.count(`queues.health() where queue = '${QUEUE}' and dead_letters = 1`), 1);
  });
});

Deno.test("names of queues", () => {
  for (const name of ["comment_events", "likes", "web3_events", "ab", ...EXTREMES]) equal(nameProblem(name), undefined);
  for (
    const [name, problem] of [
      ["CommentEvents", /use words of/],
      ["comment-events", /use words of/],
      ["comment__events", /use words of/],
      ["events_2", /begin with two letters/],
      ["plan_b", /begin with two letters/],
      ["_events", /use words of/],
      ["../events", /use words of/],
      ["a".repeat(44), /44 characters; 43 are allowed/],
      ["comment_events_dlq", /dead-letter queues/],
      ["match", /keyword of Rust/],
    ] as const
  ) match(nameProblem(name) ?? "", problem, name);
});

async function rejectsName(checkout: Checkout, name: string, why: RegExp): Promise<void> {
  const error = await generateQueue(checkout.root, name, new Date()).catch((error) => error);
  ok(error instanceof Refused, `${error}`);
  match(error.message, why);
}
