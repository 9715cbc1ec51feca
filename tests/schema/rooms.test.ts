/** The shared rooms of the schemas do not name queues or features: features register with them. */
import { deepEqual, ok } from "node:assert/strict";
import { PROJECT, schemaFiles } from "../../tools/migration/project.ts";
import { readInventory } from "./inventory.ts";

const shared = ["00_platform", "20_engine", "30_dispatch", "35_limits", "70_operate"];
const queues = readInventory().flatMap((line) => line.match(/^queue (\w+)$/)?.[1] ?? []);
const files = new Map<string, string>();
for (const file of schemaFiles(PROJECT)) files.set(file, await Deno.readTextFile(`${PROJECT.schemas}/${file}`));

Deno.test("the shared rooms name no queue and no feature", () => {
  ok(queues.length > 0 && shared.every((room) => [...files.keys()].some((file) => isIn(file, room))));
  deepEqual(foreignNames(files), []);
});

Deno.test("finds a name of a feature in a shared room", () => {
  const planted = (line: string) =>
    foreignNames(new Map([...files, ["20_engine/99_planted.sql", `select 1;\n${line}\n`]]));
  deepEqual(planted("if p_queue = 'deliveries' then"), ["20_engine/99_planted.sql:2 names deliveries"]);
  deepEqual(planted("select from pgmq.q_deliveries;"), ["20_engine/99_planted.sql:2 names q_deliveries"]);
  deepEqual(planted("perform queues.fail_deliveries(m);"), ["20_engine/99_planted.sql:2 names queues.fail_deliveries"]);
  deepEqual(planted("select from public.notifications;"), ["20_engine/99_planted.sql:2 names public.notifications"]);
  deepEqual(planted("-- if p_queue = 'deliveries' then"), []);
});

/** Names in the shared rooms that belong to a queue or are created in other rooms. */
function foreignNames(files: Map<string, string>): string[] {
  const ours = [...files].filter(([file]) => shared.some((room) => isIn(file, room)));
  const created = new Set(
    ours.flatMap(([, text]) =>
      [...text.matchAll(/^create (?:unlogged )?(?:table|type|function) ((?:queues|public)\.\w+)/gm)].map(([, name]) =>
        name!
      )
    ),
  );
  return ours.flatMap(([file, text]) =>
    text.split("\n").flatMap((line, index) => {
      const code = line.replace(/--.*/, "");
      const named = [...code.matchAll(/\b(?:queues|public)\.[a-z]\w*/g)].map(([name]) => name);
      const foreign = named.filter((name) => !created.has(name));
      for (const queue of queues) {
        foreign.push(
          ...[...code.matchAll(new RegExp(`(?<=')${queue}(?=')|\\b[aq]_${queue}\\b`, "g"))].map(([name]) => name),
        );
      }
      return foreign.map((name) => `${file}:${index + 1} names ${name}`);
    })
  );
}

function isIn(file: string, room: string): boolean {
  return file.startsWith(`${room}/`);
}
