import type { Json } from "../pages.js";

const MINUTE_SECS = 60;

export type Filter = Record<string, Json>;

/** The filter of a form, as queues.dead_letters takes it. What is wrong with it is for the database to say. */
export function filterOf(query: URLSearchParams): Filter {
  const filter: Filter = {};
  for (const key of ["reason", "field", "error"]) if (query.get(key)) filter[key] = query.get(key);
  for (const key of ["older", "newer"]) {
    if (query.get(key)) filter[`${key}_than_secs`] = Math.round(Number(query.get(key)) * MINUTE_SECS);
  }
  if (query.get("attempts")) filter.min_attempts = Number(query.get("attempts"));
  if (query.get("path")) {
    filter.path = query.get("path")!.split(".");
    const value = query.get("value");
    if (value) filter.value = json(value);
  }
  return filter;
}

/** A text without quotes is meant as a text. */
function json(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
