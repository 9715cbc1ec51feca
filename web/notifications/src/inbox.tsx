"use client";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Tab } from "./cache.js";
import { type Notifications, useNotifications, useOnline, useUnreadCount } from "./hooks.js";
import { NotificationItem } from "./item.js";
import { Preferences } from "./preferences.js";
import { useShared } from "./provider.js";
import type { PushOptions } from "./push.js";

export interface InboxProps {
  /** The level of the heading, by its place in the page. */
  heading?: "h1" | "h2" | "h3";
  /** Offers pushes to this device in the settings. */
  push?: PushOptions;
}

export function Inbox({ heading: Heading = "h2", push }: InboxProps) {
  const { t, slots: { Button } } = useShared();
  const [tab, setTab] = useState<Tab>("all");
  const [isInSettings, setInSettings] = useState(false);
  const id = useId();
  const online = useOnline();
  const { count } = useUnreadCount();
  const list = useNotifications(tab);
  const isEmpty = list.state === "ready" && !list.items.some((item) => !item.is_read) && !count;
  return (
    <section className="sn-inbox" aria-labelledby={`${id}-title`}>
      <header className="sn-header">
        <Heading id={`${id}-title`}>{isInSettings ? t.settings : t.notifications}</Heading>
        {list.state !== "signed_out" && (
          <Button onClick={() => setInSettings(!isInSettings)}>{isInSettings ? t.back : t.settings}</Button>
        )}
      </header>
      {!online && <p className="sn-offline" role="status">{t.offline}</p>}
      {isInSettings ? <Preferences push={push} /> : (
        <>
          <div className="sn-bar">
            <Tabs id={id} tab={tab} onChange={setTab} />
            <Button disabled={isEmpty || list.state !== "ready" || list.isMarkingAll} onClick={list.markAllRead}>
              {t.markAllRead}
            </Button>
          </div>
          {list.saveFailed && <p className="sn-failure" role="alert">{t.notSaved}</p>}
          <Panel id={`${id}-panel`} labelledBy={`${id}-${tab}`}>
            <List list={list} tab={tab} />
          </Panel>
        </>
      )}
    </section>
  );
}

const TABS: Tab[] = ["all", "unread"];

/** One stop of the Tab key; the arrows choose. */
function Tabs({ id, tab, onChange }: { id: string; tab: Tab; onChange(tab: Tab): void }) {
  const { t } = useShared();
  const choose = (event: React.KeyboardEvent) => {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const next = event.key === "Home" ? "all" : event.key === "End" ? "unread" : tab === "all" ? "unread" : "all";
    onChange(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={t.notifications} className="sn-tabs" onKeyDown={choose}>
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          className="sn-tab"
          id={`${id}-${name}`}
          aria-selected={tab === name}
          aria-controls={`${id}-panel`}
          tabIndex={tab === name ? 0 : -1}
          onClick={() => onChange(name)}
        >
          {name === "all" ? t.all : t.onlyUnread}
        </button>
      ))}
    </div>
  );
}

/** Takes the focus over from an item that disappears, so that the keyboard goes on from here. */
function Panel({ id, labelledBy, children }: { id: string; labelledBy: string; children: ReactNode }) {
  const panel = useRef<HTMLDivElement>(null);
  const focused = useRef<Element>(undefined);
  useEffect(() => {
    if (focused.current?.isConnected === false && document.activeElement === document.body) panel.current?.focus();
  });
  return (
    <div
      ref={panel}
      role="tabpanel"
      id={id}
      aria-labelledby={labelledBy}
      tabIndex={-1}
      onFocus={({ target }) => focused.current = target}
      onBlur={({ relatedTarget }) => relatedTarget && (focused.current = undefined)}
    >
      {children}
    </div>
  );
}

function List({ list, tab }: { list: Notifications; tab: Tab }) {
  const { t, slots: { Button, Empty, Failure, Loading } } = useShared();
  if (list.state === "signed_out") return <Empty>{t.signedOut}</Empty>;
  if (list.state === "loading") return <Loading label={t.loading} />;
  if (list.state === "failed") {
    return <Failure action={<Button onClick={list.retry}>{t.tryAgain}</Button>}>{t.failed}</Failure>;
  }
  if (list.items.length === 0) return <Empty>{tab === "all" ? t.empty : t.emptyUnread}</Empty>;
  return (
    <>
      <ul className="sn-list">
        {list.items.map((item) => (
          <li key={item.id}>
            <NotificationItem notification={item} onRead={() => list.markRead([item.id])} />
          </li>
        ))}
      </ul>
      {list.hasMore && <More list={list} />}
    </>
  );
}

/** Loads the next page when it comes into view; a button, so that the keyboard can as well. */
function More({ list }: { list: Notifications }) {
  const { t, slots: { Button } } = useShared();
  const end = useRef<HTMLDivElement>(null);
  const load = useRef(list.loadMore);
  useEffect(() => {
    load.current = list.loadMore;
  });
  const { isFetching, isLoadingMore } = list;
  useEffect(() => {
    // Looks again when an answer has come: it may have been in view before.
    if (isFetching) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && load.current());
    observer.observe(end.current!);
    return () => observer.disconnect();
  }, [isFetching, list.items.length]);
  return (
    <div ref={end} className="sn-end">
      <Button disabled={isLoadingMore} onClick={list.loadMore}>{isLoadingMore ? t.loading : t.showMore}</Button>
    </div>
  );
}
