/** The shape of JSON: each path in it, with the kind of what is there. */
import type { Json } from "./contract.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KINDS: [string, RegExp][] = [
  ["uuid", UUID],
  ["timestamp", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/],
  ["time", /^\d\d:\d\d:\d\d$/],
];

/** What the database answers (+) and a golden claim does not hold, and the other way round (-). */
export function differenceBetweenShapes(real: Set<string>, golden: Json): string[] {
  const held = shapeOf(golden);
  return [
    ...[...real.difference(held)].map((path) => `+ ${path}`),
    ...[...held.difference(real)].map((path) => `- ${path}`),
  ].sort();
}

/** Elements of a list, and values that are found by an id, count as one. */
export function shapeOf(value: Json, path = ""): Set<string> {
  const within = Array.isArray(value)
    ? value.map((element) => shapeOf(element, `${path}[]`))
    : Object.entries(value instanceof Object ? value : {})
      .map(([key, field]) => shapeOf(field, `${path}.${UUID.test(key) ? "<id>" : key}`));
  return new Set([`${path}: ${kindOf(value)}`, ...within.flatMap((shape) => [...shape])]);
}

function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value !== "string") return typeof value;
  return KINDS.find(([, pattern]) => pattern.test(value))?.[0] ?? "text";
}
