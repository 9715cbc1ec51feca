/** The shape of JSON: each path with the kind of its value. */
import type { Json } from "./contract.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KINDS: [string, RegExp][] = [
  ["uuid", UUID],
  ["timestamp", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/],
  ["time", /^\d\d:\d\d:\d\d$/],
];

/** The paths that only the database's answer has (+) or only the golden claim (-). */
export function differenceBetweenShapes(real: Set<string>, golden: Json): string[] {
  const held = shapeOf(golden);
  return [
    ...[...real.difference(held)].map((path) => `+ ${path}`),
    ...[...held.difference(real)].map((path) => `- ${path}`),
  ].sort();
}

/** Elements of a list share a path, as do values whose key is an id. */
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
