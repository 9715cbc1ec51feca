/** The golden contracts: a claim, and the settlement that the core decides. */
import { ROOT } from "../../../local/tools/paths.ts";

// deno-lint-ignore no-explicit-any
export type Json = any;
export type Row = Record<string, Json>;

export interface Contract {
  file: string;
  queue: string;
  claim: { now: string; policy: Row; backlog: number; context?: Row; messages: Row[] };
  settlement: Row;
}

export function readContracts(): Contract[] {
  const folder = `${ROOT}/tests/contract`;
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json"));
  return files.sort().map((file) => ({ file, ...JSON.parse(Deno.readTextFileSync(`${folder}/${file}`)) }));
}

/** All objects in a value, at any depth. */
export function* objectsIn(value: Json): Generator<Row> {
  if (Object(value) !== value) return;
  if (!Array.isArray(value)) yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}
