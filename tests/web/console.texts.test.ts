/** The Spanish console: each text that the database and the core may show there has a translation. */
import assert from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";
import { statementsOf } from "../../web/console/src/statements.ts";
import { said } from "../../web/console/src/texts/said.es.ts";
import { translator } from "../../web/console/src/texts/translate.ts";
import { saidTexts } from "./said.ts";

const texts = saidTexts();

Deno.test("each text of the database and of the core is in the Spanish catalogue", () => {
  const missing = [...texts].filter(([text]) => !Object.hasOwn(said, text)).map(([text, file]) => `${file}: ${text}`);
  assert.deepEqual(missing, []);
});

Deno.test("the catalogue has nothing that is not said", () => {
  // Single words, and what joins two texts.
  const isSmall = (key: string) => !/[a-z] [a-z]/i.test(key.replaceAll("%s", ""));
  assert.deepEqual(Object.keys(said).filter((key) => !texts.has(key) && !isSmall(key)), []);
});

Deno.test("each template is recognised, and keeps what differs", () => {
  const translate = translator(said);
  const places = (text: string) => text.split("%s").length - 1;
  for (const [key, translation] of Object.entries(said)) {
    assert.equal(places(translation), places(key), key);
    // What joins two texts is translated with them alone.
    if (key === "%s, and %s") continue;
    let [n, m] = [0, 0];
    // What differs as people may have written it, with what templates are made of.
    const values = ["3", "like_events", "a: `b`", "c", "d"];
    const english = key.replaceAll("%s", () => values[n++]!);
    const spanish = translation.replaceAll("%s", () => values[m++]!);
    assert.equal(translate(english), spanish);
  }
});

Deno.test("texts within texts are translated, and what is unknown stays", () => {
  const translate = translator(said);
  assert.equal(
    translate("workers cannot be called: pg_net is not enabled; 2 messages were given up"),
    "no se puede llamar a los workers: pg_net no está activado; 2 mensajes fueron abandonados",
  );
  assert.equal(
    translate("`changes.batch_size` is not between 1 and 1000"),
    "`changes.batch_size` no está entre 1 y 1000",
  );
  assert.equal(translate("`timestamp` must be text, found a number"), "`timestamp` debe ser texto, y es un número");
  assert.equal(translate("an app's own error"), "an app's own error");
});

Deno.test("the statements of a remedy are found, in both languages", () => {
  const translate = translator(said);
  for (
    const [remedy, statements] of [
      ["create extension pg_net", ["create extension pg_net"]],
      ["drop extension pg_net cascade; create extension pg_net", [
        "drop extension pg_net cascade; create extension pg_net",
      ]],
      ["`select queues.create_queue('a')`, or delete its row from queues.settings", [
        "select queues.create_queue('a')",
      ]],
      ["`alter system reset x`, then `select pg_reload_conf()`", ["alter system reset x", "select pg_reload_conf()"]],
      ["read the logs of the function `process-a`", []],
      ["create the function, or correct the row that names it", []],
    ] as const
  ) {
    assert.deepEqual(statementsOf(remedy), statements);
    assert.deepEqual(statementsOf(translate(remedy)), statements);
  }
});

Deno.test("a hostile text takes no longer than others of its length", () => {
  const translate = translator(said);
  for (const part of ["`a` is missing; ", ": ", "%s", "the last 1 runs ended with an error, the last one with `"]) {
    const hostile = part.repeat(100_000);
    assert.equal(translate(hostile), hostile);
    translate(hostile.slice(0, 10_000));
  }
});

Deno.test("the codes of runs, calls and verdicts have Spanish words", () => {
  const read = (path: string) => Deno.readTextFileSync(`${ROOT}/${path}`);
  const [spanish] = /codes: \{[\s\S]*?\n {2}\},/.exec(read("web/console/src/texts/es.ts"))!;
  const snake = (name: string) => name.replace(/\B[A-Z]/g, "_$&").toLowerCase();
  const variants = (path: string, name: string) => {
    const [, body] = new RegExp(`pub enum ${name} \\{([\\s\\S]*?)\\n\\}`).exec(read(path))!;
    return [...body!.matchAll(/^ {4}(\w+),$/gm)].map(([, variant]) => snake(variant!));
  };
  const listed = (path: string, constraint: string) => {
    const [, values] = new RegExp(`constraint ${constraint} check \\(\\w+ in \\(([^)]*)\\)`).exec(read(path))!;
    return [...values!.matchAll(/'(\w+)'/g)].map(([, value]) => value!);
  };
  const moderation = "supabase/schemas/46_moderation";
  const codes = [
    ...variants("src/engine/budget.rs", "StopReason"),
    ...variants("src/moderation/reason.rs", "ReasonCode"),
    ...listed("supabase/schemas/30_dispatch/10_dispatches.sql", "outcome_is_known"),
    ...listed(`${moderation}/10_log.sql`, "action_is_known"),
    ...listed(`${moderation}/30_reviews.sql`, "reason_is_known"),
  ];
  assert.deepEqual(codes.filter((code) => !new RegExp(`^ +${code}: "`, "m").test(spanish)), []);
  assert.ok(codes.length > 40, `${codes.length} codes`);
});
