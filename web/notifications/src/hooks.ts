"use client";
/** The headless hooks. */
import { useInfiniteQuery, useIsMutating, useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { applyChange, type Change, itemsOf, keys, type Pages, type Tab, unique, unread } from "./cache.js";
import { call } from "./client.js";
import { listen } from "./live.js";
import { preferencesQuery, retry, unreadQuery, useShared } from "./provider.js";
import type { Notification, Preferences } from "./results.js";

const PAGE = 20;
/** What one call of mark_all_notifications_read marks at most. */
const MARKED_AT_ONCE = 10_000;
const SHOWN_AT_MOST = 99;

export interface UnreadCount {
  /** Undefined until it is known; 1000 stands for 1000 or more. */
  count: number | undefined;
  /** For the badge: empty for none, and 99+ for more. */
  shown: string;
}

export function useUnreadCount(): UnreadCount {
  const { client, person, queries } = useShared();
  const { data: count } = useQuery({ ...unreadQuery(client, person), staleTime: 5_000 }, queries);
  return { count, shown: !count ? "" : count > SHOWN_AT_MOST ? `${SHOWN_AT_MOST}+` : `${count}` };
}

export interface Notifications {
  items: Notification[];
  state: "signed_out" | "loading" | "failed" | "ready";
  /** Tries again what failed. */
  retry(): void;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Something is being asked for; `loadMore` does nothing meanwhile. */
  isFetching: boolean;
  loadMore(): void;
  markRead(ids: string[]): void;
  /** Everything up to the newest that is shown. */
  markAllRead(): void;
  isMarkingAll: boolean;
  /** Marking failed, and was taken back. */
  saveFailed: boolean;
}

export function useNotifications(tab: Tab = "all"): Notifications {
  const { client, person, queries, pollMs } = useShared();
  const list = useInfiniteQuery({
    queryKey: keys.list(person ?? "", tab),
    queryFn: ({ pageParam, signal }) =>
      call(client, "list_notifications", { p_limit: PAGE, p_before: pageParam, p_unread: tab === "unread" }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: !!person,
    staleTime: 5_000,
    refetchInterval: pollMs,
    retry,
  }, queries);
  const items = useMemo(() => unique(list.data as Pages | undefined), [list.data]);
  const mark = useMark();
  return {
    items,
    state: person === null ? "signed_out" : list.data ? "ready" : list.isError ? "failed" : "loading",
    retry: () => void list.refetch(),
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    isFetching: list.isFetching,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
    },
    markRead: (ids) => {
      const known = itemsOf(queries, person ?? "");
      const asked = ids.filter((id) => !known.some((item) => item.id === id && item.is_read));
      if (asked.length > 0) mark.mutate({ read: asked });
    },
    markAllRead: () => {
      const newest = items.map(({ updated_at }) => updated_at).sort((a, b) => Date.parse(b) - Date.parse(a))[0];
      mark.mutate({ readUntil: newest ?? new Date().toISOString() });
    },
    isMarkingAll: mark.isPending && "readUntil" in mark.variables,
    saveFailed: mark.isError,
  };
}

function useMark() {
  const { client, person, queries, refresh, tell } = useShared();
  const mutationKey = keys.person(person ?? "");
  return useMutation({
    mutationKey,
    retry,
    mutationFn: async (change: Exclude<Change, { gone: string }>) => {
      if ("read" in change) return await call(client, "mark_notifications_read", { p_ids: change.read });
      for (let marked = MARKED_AT_ONCE; marked === MARKED_AT_ONCE;) {
        marked = await call(client, "mark_all_notifications_read", { p_until: change.readUntil });
      }
    },
    onMutate: async (change) => {
      // An answer that was given before would show the old state again.
      await queries.cancelQueries({ queryKey: mutationKey });
      tell(change);
      const { length } = itemsOf(queries, person!);
      const marked = applyChange(queries, person!, change);
      if ("readUntil" in change && length > 0) queries.setQueryData(keys.unread(person!), 0);
      return marked;
    },
    onError: (_error, _change, marked) => unread(queries, person!, marked ?? []),
    onSettled: () => {
      // Of several, the last one asks.
      if (queries.isMutating({ mutationKey }) > 1) return;
      setTimeout(() => {
        refresh();
        tell({ refresh: true });
      });
    },
  }, queries);
}

export interface PreferencesState {
  preferences: Preferences | undefined;
  state: "signed_out" | "loading" | "failed" | "ready";
  retry(): void;
  /** Shows the change at once, and takes it back if it cannot be saved. */
  save(changes: Partial<Preferences>): void;
  isSaving: boolean;
  saveError: Error | null;
}

export function usePreferences(): PreferencesState {
  const { client, person, queries } = useShared();
  const query = useQuery(preferencesQuery(client, person), queries);
  const queryKey = keys.preferences(person ?? "");
  const saved = useMutation({
    mutationKey: [...queryKey],
    scope: { id: `preferences ${person}` },
    retry,
    mutationFn: (changes: Partial<Preferences>) =>
      call(client, "set_notification_preferences", { p_preferences: { ...changes } }),
    onMutate: async (changes) => {
      await queries.cancelQueries({ queryKey });
      const before = queries.getQueryData<Preferences>(queryKey);
      if (before) queries.setQueryData<Preferences>(queryKey, { ...before, ...changes });
      return before;
    },
    onSuccess: (preferences) => {
      // Another change that waits is shown already.
      if (queries.isMutating({ mutationKey: queryKey }) === 1) queries.setQueryData<Preferences>(queryKey, preferences);
    },
    onError: (_error, _changes, before) => {
      queries.setQueryData<Preferences>(queryKey, before);
      void queries.invalidateQueries({ queryKey });
    },
  }, queries);
  return {
    preferences: query.data,
    state: person === null ? "signed_out" : query.data ? "ready" : query.isError ? "failed" : "loading",
    retry: () => void query.refetch(),
    save: saved.mutate,
    isSaving: useIsMutating({ mutationKey: queryKey }, queries) > 0,
    saveError: saved.error,
  };
}

export interface Hiding {
  hide(person: string, how: "mute" | "block"): void;
  done: "mute" | "block" | undefined;
  isPending: boolean;
  error: Error | null;
}

/** Block and mute. */
export function useHidePerson(): Hiding {
  const { client, queries } = useShared();
  const hiding = useMutation({
    retry,
    mutationFn: async ({ person, how }: { person: string; how: "mute" | "block" }) => {
      const answer = await call(client, how === "mute" ? "mute_person" : "block_person", { p_person: person });
      if (!answer.success) throw new Error(answer.error);
    },
  }, queries);
  return {
    hide: (person, how) => hiding.mutate({ person, how }),
    done: hiding.isSuccess ? hiding.variables.how : undefined,
    isPending: hiding.isPending,
    error: hiding.error,
  };
}

/** False once the browser says that it is offline. */
export function useOnline(): boolean {
  return useSyncExternalStore(subscribeToOnline, () => navigator.onLine, () => true);
}

function subscribeToOnline(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

/**
 * Calls when the person's channel carries another event, such as `image` once an upload was processed, and after each join,
 * without what was lost before.
 */
export function useBroadcast(event: string, onPayload: (payload?: unknown) => void): void {
  const { client, person, realtime } = useShared();
  const latest = useRef(onPayload);
  useEffect(() => {
    latest.current = onPayload;
  });
  useEffect(() => {
    if (!person || !realtime) return;
    return listen(client, person, {
      onBroadcast: (name, payload) => name === event && latest.current(payload),
      onJoined: () => latest.current(),
      onState() {},
    });
  }, [client, person, realtime, event]);
}
