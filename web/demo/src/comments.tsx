import { RelativeTime } from "@suplatzigram/notifications";
import type { Comment } from "@suplatzigram/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Failed } from "./feed.js";
import { useProject } from "./project.js";

const PENDING_MS = 2_000;

/** What an author is told of a reason. Others, such as that an account is new, only add to these. */
const REASONS: Record<string, "offence" | "contact" | "spam"> = {
  severe_word: "offence",
  offensive_word: "offence",
  masked_word: "offence",
  insult: "offence",
  group_hate: "offence",
  offence_model: "offence",
  second_opinion: "offence",
  link: "contact",
  short_link: "contact",
  phone_number: "contact",
  email_address: "contact",
  spam_phrase: "spam",
  spam_model: "spam",
  near_duplicate: "spam",
  mention_flood: "spam",
  repetition: "spam",
};

export function Comments({ post }: { post: string }) {
  const { client, person, t } = useProject();
  const comments = useQuery({
    queryKey: ["comments", post, person?.id],
    queryFn: async ({ signal }) => {
      const { data, error } = await client.rpc("list_comments", { p_post_id: post }).abortSignal(signal);
      if (error) throw error;
      return data.items;
    },
    // Until all are judged.
    refetchInterval: ({ state }) => state.data?.some(({ status }) => status === "pending") ? PENDING_MS : false,
  });
  return (
    <section aria-labelledby="comments" className="comments">
      <h2 id="comments">{t.comments}</h2>
      {person && <Write post={post} />}
      {comments.isPending && <p role="status">{t.loading}</p>}
      {comments.isError && <Failed retry={() => comments.refetch()} />}
      {comments.data?.length === 0 && <p>{t.noComments}</p>}
      <ul>
        {comments.data?.map((comment) => (
          <li key={comment.id}>
            <OneComment comment={comment} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was written stays until it is sent, also through a reload. */
function Write({ post }: { post: string }) {
  const { client, t } = useProject();
  const queries = useQueryClient();
  const memory = `draft ${post}`;
  const [draft, setDraft] = useState(() => sessionStorage.getItem(memory) ?? "");
  useEffect(() => sessionStorage.setItem(memory, draft), [memory, draft]);
  const send = useMutation({
    networkMode: "always",
    mutationFn: async (body: string) => {
      const { data, error } = await client.rpc("post_comment", { p_post_id: post, p_body: body });
      const refused = (error as { error?: string } | null)?.error;
      if (error) throw new Error(refused ?? t.unreachable);
      if (!data.success) throw new Error(data.error);
    },
    onSuccess: () => {
      setDraft("");
      return queries.invalidateQueries({ queryKey: ["comments", post] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate(draft);
      }}
    >
      <label>
        {t.comment}
        <textarea
          required
          maxLength={2000}
          dir="auto"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
      </label>
      {send.error && <p role="alert">{send.error.message}</p>}
      <button type="submit" disabled={send.isPending}>{t.send}</button>
    </form>
  );
}

function OneComment({ comment }: { comment: Comment }) {
  const { person, t } = useProject();
  const { body, created_at, status, is_own, own } = comment;
  const reasons = new Set(own?.reasons.flatMap((reason) => REASONS[reason] ?? []));
  return (
    <article className="comment">
      <p dir="auto">{body}</p>
      <RelativeTime at={created_at} />
      {status !== "approved" && <strong className="status">{t[status]}</strong>}
      {status === "rejected" && [...reasons].map((reason) => <p key={reason}>{t.commentReasons[reason]}</p>)}
      {is_own && own?.note && <p dir="auto">{own.note}</p>}
      {own?.may_appeal && <Appeal comment={comment} />}
      {status === "rejected" && own?.may_appeal === false && <p role="status">{t.appealed}</p>}
      {person && !is_own && <Report comment={comment.id} />}
    </article>
  );
}

/** Asks a person to look at it again, once. What was typed stays until it is sent. */
function Appeal({ comment }: { comment: Comment }) {
  const { client, t } = useProject();
  const queries = useQueryClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const [words, setWords] = useState("");
  const appeal = useMutation({
    networkMode: "always",
    // A try without an answer may have succeeded: the next one says so.
    retry: (failures, error) => error.message === t.unreachable && failures < 2,
    mutationFn: async () => {
      const { data, error } = await client.rpc("appeal_comment", { p_comment_id: comment.id, p_body: words });
      if (error) throw new Error((error as { error?: string }).error ?? t.unreachable);
      if (!data.success && data.code !== "already_appealed") throw new Error(data.error);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["comments", comment.post_id] }),
  });
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>{t.appeal}</button>
      <dialog ref={dialog} aria-label={t.appeal}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            appeal.mutate();
          }}
        >
          <blockquote>
            <p dir="auto">{comment.body}</p>
          </blockquote>
          <label>
            {t.appealWords}
            <textarea
              required
              maxLength={1000}
              dir="auto"
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
          {appeal.isError && <p role="alert">{appeal.error.message}</p>}
          <button type="submit" disabled={appeal.isPending}>{t.appeal}</button>
          <button type="button" onClick={() => dialog.current?.close()}>{t.cancel}</button>
        </form>
      </dialog>
    </>
  );
}

function Report({ comment }: { comment: string }) {
  const { client, t } = useProject();
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState<keyof typeof t.reasons>("spam");
  const report = useMutation({
    mutationFn: async () => {
      const { data, error } = await client.rpc("report_comment", { p_comment_id: comment, p_reason: reason });
      if (error || !data.success) throw new Error(t.unreachable);
    },
    onSuccess: () => dialog.current?.close(),
  });
  return (
    <>
      {report.isSuccess
        ? <p role="status">{t.reported}</p>
        : <button type="button" onClick={() => dialog.current?.showModal()}>{t.report}</button>}
      <dialog ref={dialog} aria-label={t.report}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            report.mutate();
          }}
        >
          <fieldset>
            <legend>{t.reason}</legend>
            {(Object.keys(t.reasons) as (keyof typeof t.reasons)[]).map((name) => (
              <label key={name}>
                <input type="radio" name="reason" checked={reason === name} onChange={() => setReason(name)} />
                {t.reasons[name]}
              </label>
            ))}
          </fieldset>
          {report.isError && <p role="alert">{report.error.message}</p>}
          <button type="submit" disabled={report.isPending}>{t.report}</button>
          <button type="button" onClick={() => dialog.current?.close()}>{t.cancel}</button>
        </form>
      </dialog>
    </>
  );
}
