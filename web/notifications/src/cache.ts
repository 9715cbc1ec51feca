/** What TanStack Query keeps of a person's notifications, and how events change it. Pure, but for the cache itself. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Broadcast } from "./live.js";
import type { Notification, Page } from "./results.js";

export type Tab = "all" | "unread";
export type Pages = InfiniteData<Page<Notification>, string | null>;

export const keys = {
  person: (person: string) => ["notifications", person] as const,
  list: (person: string, tab: Tab) => ["notifications", person, "list", tab] as const,
  lists: (person: string) => ["notifications", person, "list"] as const,
  unread: (person: string) => ["notifications", person, "unread"] as const,
  preferences: (person: string) => ["notifications", person, "preferences"] as const,
};

/** A notification that was read or is gone, by this person in some tab. */
export type Change = { read: string[] } | { readUntil: string } | { gone: string };
/** Ask again: it was saved, or could not be. */
export type News = Change | { refresh: true };

/** Returns the ids of those that were unread before. */
export function applyChange(queries: QueryClient, person: string, change: Change): string[] {
  const isRead = ({ id, updated_at }: Notification) =>
    "read" in change
      ? change.read.includes(id)
      : "readUntil" in change && Date.parse(updated_at) <= Date.parse(change.readUntil);
  const known = itemsOf(queries, person);
  const concerned = known.filter((item) => "gone" in change ? item.id === change.gone : isRead(item));
  const unread = concerned.filter((item) => !item.is_read).map(({ id }) => id);
  mapAll(queries, person, (item) => {
    if ("gone" in change) return item.id === change.gone ? undefined : item;
    return !item.is_read && isRead(item) ? { ...item, is_read: true } : item;
  });
  addUnread(queries, person, -unread.length);
  return unread;
}

/** Takes back that these were read. */
export function unread(queries: QueryClient, person: string, ids: string[]): void {
  mapAll(queries, person, (item) => ids.includes(item.id) ? { ...item, is_read: false } : item);
  addUnread(queries, person, ids.length);
}

function addUnread(queries: QueryClient, person: string, more: number): void {
  queries.setQueryData<number>(keys.unread(person), (count) => count === undefined ? count : Math.max(0, count + more));
}

/** An event that joined a notification, or made a new one. */
export function applyBroadcast(queries: QueryClient, person: string, broadcast: Broadcast): void {
  const { is_withdrawn, ...news } = broadcast;
  if (is_withdrawn) {
    applyChange(queries, person, { gone: news.id });
    return;
  }
  const known = itemsOf(queries, person).find(({ id }) => id === news.id);
  // Broadcasts may overtake each other, and a list that was read later knows more.
  if (known && Date.parse(known.updated_at) > Date.parse(news.updated_at)) return;
  const item: Notification = {
    ...(known ?? { data: {}, created_at: news.updated_at }),
    ...news,
    is_read: false,
  };
  for (const tab of ["all", "unread"] as const) {
    queries.setQueryData<Pages>(keys.list(person, tab), (pages) => {
      if (!pages || pages.pages.length === 0) return pages;
      const others = mapItems(pages, (other) => other.id === item.id ? undefined : other);
      const [first, ...rest] = others.pages;
      return { ...others, pages: [{ ...first!, items: [item, ...first!.items].sort(latestFirst) }, ...rest] };
    });
  }
}

/** Items of both tabs, each once. */
export function itemsOf(queries: QueryClient, person: string): Notification[] {
  const items = queries.getQueriesData<Pages>({ queryKey: keys.lists(person) })
    .flatMap(([, pages]) => pages?.pages.flatMap((page) => page.items) ?? []);
  return [...new Map(items.map((item) => [item.id, item])).values()];
}

/** A page that was read again may repeat items of its neighbour. */
export function unique(pages: Pages | undefined): Notification[] {
  return [...new Map((pages?.pages ?? []).flatMap((page) => page.items).map((item) => [item.id, item])).values()];
}

function mapAll(queries: QueryClient, person: string, change: (item: Notification) => Notification | undefined): void {
  queries.setQueriesData<Pages>({ queryKey: keys.lists(person) }, (pages) => pages && mapItems(pages, change));
}

function mapItems(pages: Pages, change: (item: Notification) => Notification | undefined): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map(change).filter((item) => item !== undefined),
    })),
  };
}

function latestFirst(a: Notification, b: Notification): number {
  return Date.parse(b.updated_at) - Date.parse(a.updated_at);
}
