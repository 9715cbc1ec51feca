/** The package as an app gets it: its types, its size, and what it does without a browser. */
import assert from "node:assert/strict";
import { bundleBytes } from "../../local/bench/bell.ts";
import { query } from "../../local/stack/database.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { startServer } from "../../tools/migration/databases.ts";
import { PROJECT } from "../../tools/migration/project.ts";
import { formatted } from "../../tools/types/format.ts";
import { databaseTypes } from "../../tools/types/generate.ts";
import { TYPES } from "../../tools/types/main.ts";
import { modules } from "./package.ts";

/** Of what an app downloads beside React, TanStack Query and supabase-js. */
const LIMIT_BYTES = 15_000;

Deno.test("the types of the database are those of the migrations", async () => {
  await using server = await startServer(17);
  const database = await server.migrated(PROJECT.migrations);
  const written = await formatted(await query(database.url, databaseTypes));
  assert.equal(await Deno.readTextFile(TYPES), written, "`make types` writes them again");
});

Deno.test("the package with its styles is small", async () => {
  const parts = await bundleBytes();
  const gzip = parts.reduce((sum, part) => sum + part.gzip, 0);
  assert.ok(gzip < LIMIT_BYTES, `${gzip} bytes`);
});

Deno.test("the pictures of the README are small", async () => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  const pictures = [...readme.matchAll(/<img src="(docs\/pictures\/[^"]+)" width="\d+" alt="[^"]{10,}">/g)];
  assert.equal(pictures.length, 2);
  for (const [, picture] of pictures) {
    const { size } = await Deno.stat(`${ROOT}/${picture}`);
    assert.ok(size < 80_000, `${picture}: ${size} bytes`);
  }
});

Deno.test("it is loaded without a window, and each module with hooks says that it is for clients", async () => {
  const run = await new Deno.Command("node", {
    args: [
      "--input-type=module",
      "-e",
      `
      const { Bell } = await import("@suplatzigram/notifications");
      if (typeof Bell !== "function" || typeof window !== "undefined") throw new Error("no Bell, or a window");
      const { sendNotifications } = await import("@suplatzigram/notifications/producer");
      const sent = [];
      await sendNotifications(async (...call) => sent.push(call));
      if (sent.length !== 0) throw new Error("sent nothing as something");`,
    ],
    cwd: `${ROOT}/web/demo`,
  }).output();
  assert.equal(new TextDecoder().decode(run.stderr), "");
  for await (const { name } of Deno.readDir(`${ROOT}/web/notifications/dist`)) {
    if (!name.endsWith(".js")) continue;
    const code = await Deno.readTextFile(`${ROOT}/web/notifications/dist/${name}`);
    const needsClient = /from "react|createContext|from "@tanstack\/react-query"/.test(code) && name !== "clock.js";
    if (needsClient) assert.match(code, /^"use client";/, name);
  }
});

Deno.test("polls are rarer the longer nothing changes, and never stop", async () => {
  const { pollDelay } = await modules.poll();
  const delays = Array.from({ length: 12 }, (_, unchanged) => pollDelay(15_000, unchanged));
  assert.deepEqual(delays.slice(0, 5), [15_000, 30_000, 60_000, 120_000, 120_000]);
  assert.equal(pollDelay(15_000, 1e9), 120_000);
});

Deno.test("relative times are in the language, and none is in the future", async () => {
  const { relativeTime } = await modules.relative();
  const now = Date.parse("2026-11-29T12:00:00Z");
  const ago = (secs: number, language = "en") => relativeTime(now - secs * 1000, now, language);
  assert.deepEqual([ago(0), ago(59), ago(60), ago(3_600), ago(86_400)], [
    "now",
    "now",
    "1 min. ago",
    "1 hr. ago",
    "yesterday",
  ]);
  assert.equal(ago(7_200, "es"), "hace 2 h");
  assert.equal(ago(-600), "now");
});

Deno.test("the cache agrees with what is told, in any order", async (test) => {
  const { applyBroadcast, applyChange, itemsOf, keys, unique, unread } = await modules.cache();
  const { QueryClient } = await import("@tanstack/query-core");
  const at = (secs: number) => new Date(Date.UTC(2026, 0, 1) + secs * 1000).toISOString();
  // deno-lint-ignore no-explicit-any
  const item = (id: string, secs: number, more: Record<string, unknown> = {}): any => ({
    id,
    type: "new_like",
    title: "t",
    body: id,
    url: null,
    data: { post_id: "p" },
    actor_count: 1,
    is_read: false,
    created_at: at(secs),
    updated_at: at(secs),
    ...more,
  });
  const start = () => {
    const queries = new QueryClient();
    for (const tab of ["all", "unread"]) {
      queries.setQueryData(keys.list("me", tab), {
        pages: [{ items: [item("b", 2), item("a", 1)], next: null }],
        pageParams: [null],
      });
    }
    queries.setQueryData(keys.unread("me"), 2);
    // deno-lint-ignore no-explicit-any
    const ids = () => unique(queries.getQueryData(keys.list("me", "all"))).map(({ id }: any) => id).join();
    return { queries, ids, count: () => queries.getQueryData(keys.unread("me")) };
  };
  const broadcast = (id: string, secs: number, more: Record<string, unknown> = {}) => {
    const { data: _data, created_at: _created, is_read: _read, ...news } = item(id, secs, more);
    return { is_withdrawn: false, ...news };
  };

  await test.step("an event that joins a notification moves it up, and keeps its data", () => {
    const { queries, ids } = start();
    applyBroadcast(queries, "me", broadcast("a", 5, { body: "a and others", actor_count: 3 }));
    assert.equal(ids(), "a,b");
    assert.deepEqual(itemsOf(queries, "me").find(({ id }: { id: string }) => id === "a")?.data, { post_id: "p" });
  });
  await test.step("a broadcast that was overtaken changes nothing", () => {
    const { queries, ids } = start();
    applyBroadcast(queries, "me", broadcast("b", 1, { body: "old" }));
    assert.equal(ids(), "b,a");
    assert.equal(itemsOf(queries, "me")[0].body, "b");
  });
  await test.step("a withdrawn one disappears and counts no more, once", () => {
    const { queries, ids, count } = start();
    for (let i = 0; i < 2; i++) applyBroadcast(queries, "me", broadcast("a", 6, { is_withdrawn: true }));
    assert.deepEqual([ids(), count()], ["b", 1]);
  });
  await test.step("what is marked twice counts once, and the number is never negative", () => {
    const { queries, count } = start();
    assert.deepEqual(applyChange(queries, "me", { read: ["a"] }), ["a"]);
    assert.deepEqual(applyChange(queries, "me", { read: ["a", "unknown"] }), []);
    assert.equal(count(), 1);
    applyChange(queries, "me", { readUntil: at(9) });
    applyChange(queries, "me", { readUntil: at(9) });
    assert.equal(count(), 0);
    unread(queries, "me", ["a"]);
    assert.equal(count(), 1);
  });
  await test.step("marking all leaves what came later", () => {
    const { queries, count } = start();
    applyBroadcast(queries, "me", broadcast("c", 9));
    queries.setQueryData(keys.unread("me"), 3);
    applyChange(queries, "me", { readUntil: at(2) });
    assert.equal(count(), 1);
  });
  await test.step("before anything was loaded there is nothing to change", () => {
    const queries = new QueryClient();
    applyBroadcast(queries, "me", broadcast("c", 9));
    applyChange(queries, "me", { read: ["c"] });
    assert.deepEqual(itemsOf(queries, "me"), []);
    assert.equal(queries.getQueryData(keys.unread("me")), undefined);
  });
});
