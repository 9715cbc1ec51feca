/** Settlements that differ from a contract in one field each. */
import type { Contract, Json, Row } from "./contract.ts";

export interface Change {
  /** A path with `[]` for the rows of lists, so that a field has the same path in all rows. */
  path: string;
  contract: Contract;
  settlement: Row;
}

export function changesOf(contract: Contract): Change[] {
  const changes = changed(contract.settlement);
  return [...changes].map(([path, settlement]) => ({ path: path.slice(1), contract, settlement }));
}

/** Free-form JSON in a field of a row and lists of texts count as one value. */
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

/** Another value of the same kind, if the kind can be recognised. */
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
