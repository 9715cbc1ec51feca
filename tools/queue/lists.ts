/** Adds one line for a new queue to each list of queues and functions. */
import type { QueueName } from "./name.ts";

/** Declares the module of a queue, in the order of rustfmt. */
export function insertModule(registry: string, name: string): string {
  const modules = [...registry.matchAll(/^mod (\w+);\n/gm)];
  const next = modules.find(([, other]) => order(name) < order(other!));
  const last = modules.at(-1);
  if (!last) throw new Error("src/queues/mod.rs declares no modules");
  return insertAt(registry, next?.index ?? last.index + last[0].length, `mod ${name};\n`);
}

/** rustfmt sorts `_` before digits and letters, and numbers by their value. */
function order(name: string): string {
  return name.replaceAll("_", " ").replace(/\d+/g, (digits) => digits.padStart(name.length, "0"));
}

/** Adds a queue to the declaration of all queues, in the package whose queues make no deliveries. */
export function insertEntry(registry: string, { snake, pascal }: QueueName): string {
  const list = /^queues! \{\n(?: .*\n)+/m.exec(registry);
  if (!list) throw new Error("src/queues/mod.rs has no list `queues! { … }`");
  return insertAt(registry, list.index + list[0].length, `    ${pascal} => ${snake} in "core",\n`);
}

/** Turns off the platform's check of callers for the function of a queue, which checks the key itself. */
export function insertSetting(config: string, { kebab }: QueueName): string {
  const last = [...config.matchAll(/^process-[\w-]+\.verify_jwt = false\n/gm)].at(-1);
  if (!last) throw new Error("supabase/config.toml has no line `process-….verify_jwt = false`");
  return insertAt(config, last.index + last[0].length, `process-${kebab}.verify_jwt = false\n`);
}

function insertAt(text: string, index: number, line: string): string {
  return text.slice(0, index) + line + text.slice(index);
}
