/** What waits for a moderator, longest first, with its evidence; decided by keys alone if need be. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useRef, useState } from "react";
import { Answer } from "../parts/answer.js";
import { Dialog } from "../parts/dialog.js";
import { useNotify } from "../parts/notices.js";
import { Pill, Time, useFormats, useWords } from "../parts/values.js";
import { queries, useProject } from "../project.js";
import { CallError, moderate } from "../rpc.js";
import type { Json } from "../pages.js";

/** Codes, with what was found. */
type Reasons = ({ code: string; found: string | null } | string)[] | null;

interface Person {
  id: string;
  username: string | null;
  age_secs: number | null;
  offences: number | null;
  limited_until: string | null;
  banned_until: string | null;
}

interface Review {
  opened_at: string;
  comment_id: string | null;
  post_id: string | null;
  image_id: string | null;
  evidence: {
    comment?: {
      body: string;
      status: string;
      reasons: Reasons;
      scores: Record<string, number> | null;
      created_at: string;
      author: Person;
      opinion: Json;
    } | null;
    post?: { id: string; caption: string | null; owner?: Person } | null;
    image?: { status: string; variants: { name: string; bucket: string; path: string }[]; owner: Person };
    reports?: { reason: string; note: string | null; reported_at: string }[];
    appeal?: { body: string; appealed_at: string } | null;
    history?: { at: string; action: string; actor_id: string | null; note: string | null; reasons: Reasons }[];
  };
}

type Decision = "approve" | "reject" | "dismiss";

/** The function of the API for a decision about a review. */
function callOf({ comment_id, post_id, image_id }: Review, decision: Decision, note: string): [string, object] {
  const p_note = note || null;
  if (image_id) return [`${decision === "reject" ? "reject" : "approve"}_image`, { p_image_id: image_id, p_note }];
  if (comment_id) {
    return [`${decision === "reject" ? "reject" : "approve"}_comment`, { p_comment_id: comment_id, p_note }];
  }
  return ["close_post_review", { p_post_id: post_id, p_note }];
}

const kindOf = ({ image_id, comment_id }: Review) => image_id ? "image" : comment_id ? "comment" : "post";
const idOf = ({ image_id, comment_id, post_id }: Review) => image_id ?? comment_id ?? post_id ?? "";

export default function Moderation() {
  const { client, person, owner, t } = useProject();
  const reviews = useQuery<{ items: Review[]; next: string | null }, CallError>({
    queryKey: ["page", "reviews", owner],
    queryFn: ({ signal }) =>
      moderate(client, "list_reviews", {}, signal) as Promise<{ items: Review[]; next: string | null }>,
    enabled: !!person,
    refetchInterval: 30_000,
  });
  const list = useRef<HTMLOListElement>(null);
  const move = (by: number) => {
    const items = [...list.current?.children ?? []] as HTMLElement[];
    const at = items.findIndex((item) => item.contains(document.activeElement));
    items[Math.min(items.length - 1, Math.max(0, at + by))]?.focus();
  };
  if (reviews.error?.status === 403) {
    return (
      <>
        <h1>{t.nav.moderation}</h1>
        <p role="alert" className="notice late">{t.onlyModerators}</p>
      </>
    );
  }
  return (
    <>
      <header className="head">
        <h1>{t.nav.moderation}</h1>
      </header>
      <Answer of={reviews}>
        {({ items }) =>
          items.length === 0 ? <p className="empty">{t.reviewsNone}</p> : (
            <>
              <p className="faint" id="review-keys">{t.reviewKeys}</p>
              <ol className="reviews" ref={list} aria-describedby="review-keys">
                {items.map((review) => <OneReview key={idOf(review)} review={review} move={move} />)}
              </ol>
            </>
          )}
      </Answer>
    </>
  );
}

function OneReview({ review, move }: { review: Review; move(by: number): void }) {
  const { client, t, say } = useProject();
  const words = useWords();
  const listed = useReasons();
  const notify = useNotify();
  const note = useRef<HTMLInputElement>(null);
  const item = useRef<HTMLLIElement>(null);
  const [isBanning, setBanning] = useState(false);
  const { evidence } = review;
  const { comment, post, image, reports = [], appeal, history = [] } = evidence;
  const author = comment?.author ?? image?.owner ?? post?.owner;
  const kind = kindOf(review);
  const decide = useMutation<unknown, CallError, Decision>({
    mutationFn: (decision) => moderate(client, ...callOf(review, decision, note.current?.value ?? "")),
    onSuccess: (_, decision) => {
      const next = (item.current?.nextElementSibling ?? item.current?.previousElementSibling) as HTMLElement | null;
      notify({
        text: `${t.reviewOf[kind]}: ${
          decision === "reject" ? t.rejected : decision === "dismiss" ? t.dismissed : t.approved
        }`,
      });
      next?.focus();
      return queries.invalidateQueries({ queryKey: ["page", "reviews"] });
    },
  });
  const onKeyDown = (event: KeyboardEvent) => {
    // Not what is typed into the note.
    if (event.target !== item.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      j: () => move(1),
      k: () => move(-1),
      a: () => decide.mutate(kind === "post" ? "dismiss" : "approve"),
      r: () => kind !== "post" && decide.mutate("reject"),
      n: () => note.current?.focus(),
    };
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    if (!decide.isPending) action();
  };
  return (
    <li
      ref={item}
      tabIndex={0}
      className="review card"
      onKeyDown={onKeyDown}
      aria-label={`${t.reviewOf[kind]}: ${comment?.body ?? post?.caption ?? ""}`}
    >
      <header className="head">
        <h2>{t.reviewOf[kind]} {comment && <Pill tone="late">{words(comment.status)}</Pill>}</h2>
        <Time at={review.opened_at} />
      </header>
      {comment && <blockquote dir="auto">{comment.body}</blockquote>}
      {image && <Variants image={image} />}
      {post && <p className="faint" dir="auto">{t.post}: {post.caption ?? post.id}</p>}
      {author && <Author person={author} />}
      {reports.length > 0 && (
        <section aria-label={t.reports}>
          <h3>{t.reports} ({reports.length})</h3>
          <ul>
            {reports.map(({ reason, note, reported_at }, i) => (
              <li key={i}>
                <strong>{words(reason)}</strong> <span dir="auto">{note}</span> <Time at={reported_at} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {appeal && (
        <section aria-label={t.appeal}>
          <h3>{t.appeal}</h3>
          <blockquote dir="auto">{appeal.body}</blockquote>
          <Time at={appeal.appealed_at} />
        </section>
      )}
      {comment && <Judged reasons={comment.reasons} scores={comment.scores} />}
      {history.length > 0 && (
        <details>
          <summary>{t.history}</summary>
          <ul>
            {history.map(({ at, action, actor_id, note, reasons }) => (
              <li key={`${at} ${action}`}>
                <strong>{words(action)}</strong> {!actor_id && t.machine} <Time at={at} />
                {reasons && reasons.length > 0 && <p>{listed(reasons)}</p>}
                {note && <p dir="auto">{note}</p>}
              </li>
            ))}
          </ul>
        </details>
      )}
      {decide.error && <p role="alert" className="bad">{say(decide.error.message)}</p>}
      <div className="decide">
        <label>
          {t.note}
          <input
            ref={note}
            maxLength={500}
            title={t.noteHint}
            onKeyDown={(event) => {
              if (event.key === "Escape" || event.key === "Enter") item.current?.focus();
            }}
          />
        </label>
        <div className="buttons">
          <button
            type="button"
            className="main"
            disabled={decide.isPending}
            onClick={() => decide.mutate(kind === "post" ? "dismiss" : "approve")}
          >
            {kind === "post" ? t.dismiss : t.approve}
          </button>
          {kind !== "post" && (
            <button
              type="button"
              className="danger"
              disabled={decide.isPending}
              onClick={() => decide.mutate("reject")}
            >
              {t.reject}
            </button>
          )}
          {author && <button type="button" onClick={() => setBanning(true)}>{t.ban}</button>}
        </div>
      </div>
      {isBanning && author && (
        <Ban
          person={author}
          note={note.current?.value ?? ""}
          onClose={() => setBanning(false)}
        />
      )}
    </li>
  );
}

const DAY_SECS = 86_400;

function Ban({ person, note, onClose }: { person: Person; note: string; onClose(): void }) {
  const { client, t, say } = useProject();
  const notify = useNotify();
  const ban = useMutation<unknown, CallError>({
    mutationFn: () => moderate(client, "ban_person", { p_person: person.id, p_secs: DAY_SECS, p_note: note || null }),
    onSuccess: () => {
      notify({ text: `${person.username ?? person.id}: ${t.banned}` });
      onClose();
      return queries.invalidateQueries({ queryKey: ["page", "reviews"] });
    },
  });
  return (
    <Dialog title={t.banTitle} onClose={onClose}>
      <p>{t.banSays(person.username ?? person.id)}</p>
      {ban.error && <p role="alert" className="bad">{say(ban.error.message)}</p>}
      <div className="buttons">
        <button type="button" onClick={onClose}>{t.cancel}</button>
        <button type="button" className="danger" disabled={ban.isPending} onClick={() => ban.mutate()}>{t.ban}</button>
      </div>
    </Dialog>
  );
}

/** Why the machine did not approve it, in words. */
function Judged({ reasons, scores }: { reasons: Reasons; scores: Record<string, number> | null }) {
  const { t } = useProject();
  const words = useWords();
  const listed = useReasons();
  const { percent } = useFormats();
  const known = Object.entries(scores ?? {});
  return (
    <dl className="facts">
      {reasons && reasons.length > 0 && (
        <div>
          <dt>{t.machineReasons}</dt>
          <dd dir="auto">{listed(reasons)}</dd>
        </div>
      )}
      {known.length > 0 && (
        <div>
          <dt>{t.scores}</dt>
          <dd>{known.map(([name, score]) => `${words(name)} ${percent(score)}`).join(", ")}</dd>
        </div>
      )}
    </dl>
  );
}

function useReasons(): (reasons: NonNullable<Reasons>) => string {
  const words = useWords();
  return (reasons) =>
    reasons.map((reason) =>
      typeof reason === "string" ? words(reason) : words(reason.code) + (reason.found ? ` (${reason.found})` : "")
    ).join(", ");
}

function Author({ person }: { person: Person }) {
  const { t } = useProject();
  const { secs, number } = useFormats();
  return (
    <p>
      {t.author}: <strong dir="auto">{person.username ?? person.id}</strong>
      <span className="faint">
        {person.age_secs !== null && <>· {t.accountAge}: {secs(person.age_secs)}</>}
        {person.offences !== null && <>· {t.offences}: {number(person.offences)}</>}
        {person.banned_until && <>· {t.banned}</>}
      </span>
    </p>
  );
}

function Variants({ image }: { image: NonNullable<Review["evidence"]["image"]> }) {
  const { client, t } = useProject();
  const variant = image.variants?.find(({ name }) => name === "medium") ?? image.variants?.[0];
  if (!variant) return null;
  return (
    <img
      className="upload"
      src={client.storage.from(variant.bucket).getPublicUrl(variant.path).data.publicUrl}
      alt={t.picture}
      loading="lazy"
    />
  );
}
