"use client";
/** What all hooks and parts share: the client, the person, the language, and the live connection. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { QueryClient, QueryClientContext, useQuery } from "@tanstack/react-query";
import { applyBroadcast, applyChange, keys, type News } from "./cache.js";
import { call, type Client, mayPass } from "./client.js";
import { dictionaries, type Dictionary, languageOf } from "./i18n/index.js";
import { type Broadcast, listen } from "./live.js";
import { LIVE_MS, pollDelay } from "./poll.js";
import type { Notification } from "./results.js";
import { defaultSlots, type Slots } from "./slots.js";
import { openTabs, type Tabs } from "./tabs.js";

export interface NotificationsProviderProps {
  client: Client;
  /** The id of the person, if the app does not sign in with Supabase Auth; null while nobody is. */
  person?: string | null;
  /** By default the person's. */
  language?: string;
  /** Texts that differ from ours. */
  texts?: Partial<Dictionary>;
  /** Elements that replace ours. */
  slots?: Partial<Slots>;
  /** False where the project has no Realtime. */
  realtime?: boolean;
  /** How often to ask without it, at first. */
  pollMs?: number;
  /** Opens what a notification is about; by default its path is loaded. */
  onOpen?: (notification: Notification) => void;
  children?: ReactNode;
}

export interface Shared {
  client: Client;
  queries: QueryClient;
  /** Undefined until it is known. */
  person: string | null | undefined;
  language: string;
  t: Dictionary;
  slots: Slots;
  realtime: boolean;
  isLive: boolean;
  /** How often to ask for a list; false while it is live. */
  pollMs: number | false;
  open(notification: Notification): void;
  /** Asks for the numbers and lists again, soon. */
  refresh(): void;
  tell(news: News): void;
}

const Context = createContext<Shared | undefined>(undefined);

/** Broadcasts that come together cause one question. */
const TOGETHER_MS = 250;

export function NotificationsProvider(props: NotificationsProviderProps) {
  const { client, realtime = true, pollMs = 15_000, onOpen, children } = props;
  const outer = useContext(QueryClientContext);
  const [own] = useState(() => outer ?? new QueryClient());
  const queries = outer ?? own;
  const person = usePerson(client, props.person, queries);
  const [isLive, setLive] = useState(false);
  const tabs = useRef<Tabs | undefined>(undefined);
  const unchanged = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const refresh = useCallback(() => {
    if (!person) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      // What is marked right now would be overwritten; its end asks again.
      if (queries.isMutating({ mutationKey: keys.person(person) }) > 0) return;
      queries.removeQueries({ queryKey: keys.lists(person), type: "inactive" });
      queries.invalidateQueries({ queryKey: keys.unread(person) });
      queries.invalidateQueries({ queryKey: keys.lists(person) });
    }, TOGETHER_MS);
  }, [queries, person]);

  useEffect(() => () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  }, [refresh]);

  useEffect(() => {
    if (!person) return;
    tabs.current = openTabs(person, (news) => {
      if ("refresh" in news) refresh();
      else applyChange(queries, person, news);
    });
    return () => tabs.current?.close();
  }, [queries, person, refresh]);

  useEffect(() => {
    if (!person || !realtime) return;
    const end = listen(client, person, {
      onBroadcast(event, payload) {
        if (event !== "notification") return;
        applyBroadcast(queries, person, payload as Broadcast);
        queries.cancelQueries({ queryKey: keys.unread(person) }, { silent: true });
        refresh();
      },
      onJoined: refresh,
      onState: setLive,
    });
    return () => {
      end();
      setLive(false);
    };
  }, [client, queries, person, realtime, refresh]);

  // One poll for all parts that show the number.
  useQuery({
    ...unreadQuery(client, person),
    refetchInterval: ({ state }) =>
      isLive ? LIVE_MS : pollDelay(pollMs, state.data === undefined ? 0 : unchanged.current),
    structuralSharing: (before, now) => {
      unchanged.current = before === now ? unchanged.current + 1 : 0;
      return now;
    },
  }, queries);
  const preferences = useQuery(preferencesQuery(client, person), queries);

  const language = languageOf(props.language ?? preferences.data?.language);
  const openStable = useRef((_notification: Notification) => {});
  useEffect(() => {
    openStable.current = (notification) => {
      if (onOpen) onOpen(notification);
      else if (isPath(notification.url)) location.assign(notification.url);
    };
  });
  const { texts, slots } = props;
  const shared = useMemo<Shared>(() => ({
    client,
    queries,
    person,
    language,
    t: { ...dictionaries[language], ...texts },
    slots: { ...defaultSlots, ...slots },
    realtime,
    isLive,
    pollMs: isLive ? false : pollMs * 2,
    open: (notification) => openStable.current(notification),
    refresh,
    tell: (news) => tabs.current?.tell(news),
  }), [client, queries, person, language, texts, slots, realtime, isLive, pollMs, refresh]);
  return <Context value={shared}>{children}</Context>;
}

export function useShared(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("this needs a <NotificationsProvider> around it");
  return shared;
}

export function unreadQuery(client: Client, person: string | null | undefined) {
  return {
    queryKey: keys.unread(person ?? ""),
    queryFn: ({ signal }: { signal: AbortSignal }) => call(client, "unread_notifications", {}, signal),
    enabled: !!person,
    retry,
  };
}

export function preferencesQuery(client: Client, person: string | null | undefined) {
  return {
    queryKey: keys.preferences(person ?? ""),
    queryFn: ({ signal }: { signal: AbortSignal }) => call(client, "notification_preferences", {}, signal),
    enabled: !!person,
    staleTime: 60_000,
    retry,
  };
}

export function retry(failures: number, error: Error): boolean {
  return mayPass(error) && failures < 3;
}

/** A path within the app, and no address elsewhere. */
export function isPath(url: string | null): url is string {
  return url !== null && /^\/(?![/\\])/.test(url);
}

/** The person who is signed in. What was kept of another one is dropped. */
function usePerson(client: Client, given: string | null | undefined, queries: QueryClient): string | null | undefined {
  const [signedIn, setSignedIn] = useState<string | null | undefined>(undefined);
  const isGiven = given !== undefined;
  useEffect(() => {
    if (isGiven) return;
    // Nothing may be awaited in here: the library holds its lock.
    const { data } = client.auth.onAuthStateChange((_event, session) => setSignedIn(session?.user.id ?? null));
    return () => data.subscription.unsubscribe();
  }, [client, isGiven]);
  const person = isGiven ? given : signedIn;
  useEffect(() => {
    if (!person) return;
    return () => queries.removeQueries({ queryKey: keys.person(person) });
  }, [queries, person]);
  return person;
}
