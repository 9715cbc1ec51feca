"use client";
import { useId, useRef, useState } from "react";
import { useNow } from "./clock.js";
import { useHidePerson } from "./hooks.js";
import { place } from "./popover.js";
import { isPath, useShared } from "./provider.js";
import { relativeTime } from "./relative.js";
import type { Notification } from "./results.js";

export interface NotificationItemProps {
  notification: Notification;
  onRead(): void;
}

/** The item as the slots make it. */
export function NotificationItem(props: NotificationItemProps) {
  const { slots } = useShared();
  return <slots.Item {...props} />;
}

/** One notification. People's texts are text. */
export function Item({ notification, onRead }: NotificationItemProps) {
  const { t, open } = useShared();
  const { title, body, url, is_read, updated_at, data } = notification;
  const text = body ?? title ?? "";
  const go = (event: React.MouseEvent) => {
    onRead();
    // A new tab, or a download, is the browser's.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open(notification);
  };
  return (
    <article className="sn-item" data-unread={!is_read}>
      {!is_read && <span className="sn-dot" role="img" aria-label={t.isUnread} />}
      {isPath(url)
        ? <a className="sn-text" href={url} dir="auto" onClick={go}>{text}</a>
        : <span className="sn-text" dir="auto">{text}</span>}
      {data.comment && <q className="sn-quote" dir="auto">{data.comment}</q>}
      <RelativeTime at={updated_at} />
      <Actions notification={notification} onRead={onRead} />
    </article>
  );
}

export function RelativeTime({ at }: { at: string }) {
  const { language } = useShared();
  const now = useNow();
  return (
    <time className="sn-time" dateTime={at}>
      {now === null ? at.slice(0, 10) : relativeTime(Date.parse(at), now, language)}
    </time>
  );
}

/** What can be done about it. A mute or a block is asked for twice. */
function Actions({ notification, onRead }: NotificationItemProps) {
  const { t, person, slots: { Button } } = useShared();
  const { hide, done, isPending, error } = useHidePerson();
  const [asked, setAsked] = useState<"mute" | "block">();
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const actor = notification.data.actor_profile_id;
  const canHide = actor !== undefined && actor !== person && notification.type !== "comment_moderated";
  if (notification.is_read && !canHide) return null;
  return (
    <>
      <Button look="icon" className="sn-more" aria-label={t.more} aria-haspopup="dialog" popoverTarget={id}>
        <span aria-hidden="true">⋯</span>
      </Button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={t.more}
        className="sn-menu"
        onToggle={(event) => {
          if (event.newState === "closed") setAsked(undefined);
          else place(menu.current!);
        }}
      >
        {!notification.is_read && (
          <Button
            onClick={() => {
              menu.current?.hidePopover();
              onRead();
            }}
          >
            {t.markRead}
          </Button>
        )}
        {canHide && done && <p role="status">{done === "mute" ? t.muted : t.blocked}</p>}
        {canHide && !done && !asked && (
          <>
            <Button onClick={() => setAsked("mute")}>{t.mute}</Button>
            <Button onClick={() => setAsked("block")}>{t.block}</Button>
          </>
        )}
        {canHide && !done && asked && (
          <>
            <p>{asked === "mute" ? t.muteHint : t.blockHint}</p>
            {error && <p role="alert">{t.notSaved}</p>}
            <Button look="main" disabled={isPending} onClick={() => hide(actor, asked)}>
              {asked === "mute" ? t.mute : t.block}
            </Button>
            <Button onClick={() => setAsked(undefined)}>{t.cancel}</Button>
          </>
        )}
      </div>
    </>
  );
}
