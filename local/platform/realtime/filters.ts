/** Which changes of rows a channel asked for. */
import type { RowChange } from "./pgoutput.ts";

/** As the client sends it; `filter` is as in `post_id=eq.5`. */
export interface ChangeFilter {
  id: number;
  event: string;
  schema?: string;
  table?: string;
  filter?: string;
}

const FILTER = /^(\w+)=(eq|neq|in)\.(.*)$/s;

/** Why the filter cannot be used, or undefined. */
export function problemOf({ event, filter }: ChangeFilter): string | undefined {
  if (!["*", "INSERT", "UPDATE", "DELETE"].includes(event)) return `unknown event \`${event}\``;
  if (filter && !FILTER.test(filter)) return `the stand-in knows no filter like \`${filter}\``;
}

export function matches({ event, schema, table, filter }: ChangeFilter, change: RowChange): boolean {
  if (event !== "*" && event !== change.type) return false;
  if (schema && schema !== "*" && schema !== change.schema || table && table !== "*" && table !== change.table) {
    return false;
  }
  const [, column, operator, value] = FILTER.exec(filter ?? "") ?? [];
  if (!column) return true;
  const actual = change.row[column] ?? null;
  if (actual === null) return false;
  if (operator === "in") return value!.replace(/^\(|\)$/g, "").split(",").includes(actual);
  return (actual === value) === (operator === "eq");
}
