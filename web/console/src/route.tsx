/** The address after `#`: a path and a query, so that any static host serves every page. */
import { type ComponentProps, useSyncExternalStore } from "react";

export interface Route {
  /** Its parts, decoded. */
  path: string[];
  query: URLSearchParams;
}

let known = "";
let route: Route = { path: [], query: new URLSearchParams() };

function current(): Route {
  if (location.hash !== known) {
    known = location.hash;
    const [path = "", query = ""] = known.replace(/^#\/?/, "").split("?", 2);
    route = { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
  }
  return route;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const CHANGED = "route";

export function useRoute(): Route {
  return useSyncExternalStore((listener) => {
    addEventListener("hashchange", listener);
    addEventListener(CHANGED, listener);
    return () => {
      removeEventListener("hashchange", listener);
      removeEventListener(CHANGED, listener);
    };
  }, current);
}

export type Query = Record<string, string | number | null | undefined>;

export function address(path: string[], query: Query = {}): string {
  const set = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(set.map(([key, value]) => [key, String(value)]));
  return `#/${path.map(encodeURIComponent).join("/")}${search.size ? `?${search}` : ""}`;
}

export function go(to: string): void {
  location.hash = to;
}

/** Changes the query in place: the way back skips what was only filtered. */
export function setQuery(changes: Query): void {
  const { path, query } = current();
  const next = address(path, { ...Object.fromEntries(query), ...changes });
  history.replaceState(null, "", next);
  dispatchEvent(new Event(CHANGED));
}

export function Link({ to, query, ...rest }: { to: string[]; query?: Query } & Omit<ComponentProps<"a">, "href">) {
  return <a href={address(to, query)} {...rest} />;
}
