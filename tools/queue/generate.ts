/**
 * Writes what a new queue needs: the files of tools/queue/template with the queue's name in them, and a line in each list
 * of queues and functions.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { migrationFiles } from "../../local/stack/migrate.ts";
import { nextVersion } from "../migration/generate.ts";
import { insertEntry, insertModule, insertSetting } from "./lists.ts";
import { nameProblem, type QueueName, queueName } from "./name.ts";
import { type Change, exists, writeAll } from "./write.ts";

const TEMPLATE = fileURLToPath(new URL("template", import.meta.url));
const REGISTRY = "src/queues/mod.rs";
const CONFIG = "supabase/config.toml";
/** A function without deliveries, whose imports the new one copies. */
const NEIGHBOUR = "process-like-events";

/** The queue cannot be added. The message says why and what to do. */
export class Refused extends Error {}

/** Writes everything below `root`, or nothing, and returns the changes. */
export async function generateQueue(root: string, name: string, now: Date): Promise<Change[]> {
  const refuse = (why: string) => {
    throw new Refused(`\`${name}\` cannot be the name of a new queue: ${why}`);
  };
  const problem = nameProblem(name);
  if (problem) refuse(problem);
  const queue = queueName(name);
  const version = nextVersion(now, migrationFiles(`${root}/supabase/migrations`));

  const files = filesIn(TEMPLATE);
  const created: Change[] = files.map(({ path, text }) => ({
    path: fill(path, queue, version),
    after: fill(text, queue, version),
  }));
  created.push({
    path: `supabase/functions/process-${queue.kebab}/deno.json`,
    after: Deno.readTextFileSync(`${root}/supabase/functions/${NEIGHBOUR}/deno.json`),
  });
  const taken = created.find(({ path }) => exists(`${root}/${path}`));
  if (taken) refuse(`it is taken, ${taken.path} exists`);

  const registry = Deno.readTextFileSync(`${root}/${REGISTRY}`);
  const rust = [registry, ...files.filter(({ path }) => path.endsWith(".rs")).map(({ text }) => text)].join("\n");
  const code = rust.replaceAll(/\/\/.*/g, "");
  const used = [queue.snake, queue.pascal].find((word) => new RegExp(`\\b${word}\\b`).test(code));
  if (used) refuse(`the code around it already uses \`${used}\``);

  const config = Deno.readTextFileSync(`${root}/${CONFIG}`);
  const changed: Change[] = [
    { path: REGISTRY, before: registry, after: insertEntry(insertModule(registry, queue.snake), queue) },
    { path: CONFIG, before: config, after: insertSetting(config, queue) },
  ];
  await writeAll(root, [...created, ...changed]);
  return [...created, ...changed];
}

/** Fills in the name of a queue and the version of its migration. */
function fill(text: string, { snake, kebab, pascal }: QueueName, version: string): string {
  return text.replaceAll("queue_name", snake).replaceAll("queue-name", kebab).replaceAll("QueueName", pascal)
    .replaceAll("VERSION", version);
}

/** Every file of a folder with its path in the folder, sorted. */
function filesIn(folder: string, top = folder): { path: string; text: string }[] {
  return [...Deno.readDirSync(folder)].toSorted((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path, top) : [{ path: relative(top, path), text: Deno.readTextFileSync(path) }];
  });
}
