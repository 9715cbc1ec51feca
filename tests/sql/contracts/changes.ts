/** Settlements that each say something else than a contract in one field. */
import type { Contract, Json, Row } from "./contract.ts";

export interface Change {
  /** With `[]` for the rows of lists, so that the same field of many rows has one path. */
  path: string;
  contract: Contract;
  settlement: Row;
}

export function changesOf(contract: Contract): Change[] {
  const changes = changed(contract.settlement);
  return [...changes].map(([path, settlement]) => ({ path: path.slice(1), contract, settlement }));
}

/** Free-form JSON in a field of a row, and a list of texts, are one value each. */
function* changed(value: Json, isRow = false, isFieldOfRow = false): Generator<[path: string, value: Json]> {
  if (Array.isArray(value) && value.length > 0 && typeof value[0] !== "string") {
    for (const [place, element] of value.entries()) {
      // A lease is a list of two numbers.
      const step = typeof element === "number" ? `[${place}]` : "[]";
      for (const [path, inner] of changed(element, true)) yield [step + path, value.with(place, inner)];
    }
  } else if (isObject(value) && !isFieldOfRow) {
    for (const [key, field] of Object.entries(value)) {
      for (const [path, inner] of changed(field, false, isRow)) yield [`.${key}${path}`, { ...value, [key]: inner }];
    }
  } else {
    yield ["", another(value)];
  }
}

/** Another value of the same kind, as far as that can be seen. */
function another(value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (isObject(value)) return { ...value, another: true };
  if (Array.isArray(value) && value.length > 0) return value.map(another);
  if (typeof value !== "string") return "another";
  if (/^[0-9a-f]{8}-/.test(value)) return `ffffffff-${value.slice(9)}`;
  if (/^\d{4}-\d\d-\d\d(T|$)/.test(value)) return value.replace(/^\d{4}/, "2025");
  return `${value} another`;
}

function isObject(value: Json): value is Row {
  return value instanceof Object && !Array.isArray(value);
}
