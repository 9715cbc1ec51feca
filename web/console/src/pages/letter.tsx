/** One dead letter: why it was given up, its message to edit, the core's verdict on it, and its history. */
import { useState } from "react";
import { ActionButton } from "../parts/action.js";
import { Answer } from "../parts/answer.js";
import { Editor, parse, useJudgement } from "../parts/editor.js";
import { Said, Time, Tree } from "../parts/values.js";
import { drafts } from "../preferences.js";
import { usePage, useProject } from "../project.js";
import { address, go, Link } from "../route.js";
import type { Json, OneMessage } from "../pages.js";
import { History } from "./history.js";
import type { PartProps } from "./queue.js";

export function OneLetter({ queue, id, page: { settings } }: PartProps & { id: number }) {
  const { t } = useProject();
  const letter = usePage("message", { queue, box: "dead_letters", msg_id: id });
  const draft = drafts.read(`letter ${queue} ${id}`);
  const list = ["queues", queue, "letters"];
  const isGone = letter.error?.status === 404;
  return (
    <>
      <p>
        <Link to={list}>← {t.tabs.letters}</Link>
      </p>
      {isGone && (
        <div role="alert" className="notice late">
          <p>{t.letterGone}</p>
          {!letter.data && draft && <pre>{draft}</pre>}
          <Link to={list}>{t.lookAgain}</Link>
        </div>
      )}
      {
        // What was being edited, and what an action has answered, stays.
        (letter.data || !isGone) && (
          <Answer of={isGone ? { ...letter, isError: false } as typeof letter : letter}>
            {(data) => (
              <Letter queue={queue} id={id} data={data} functionName={settings.function_name as string | null} />
            )}
          </Answer>
        )
      }
    </>
  );
}

function Letter({ queue, id, data, functionName }: {
  queue: string;
  id: number;
  data: OneMessage;
  functionName: string | null;
}) {
  const { t } = useProject();
  const body = data.message.message as Record<string, Json> | null;
  if (!body) return <p className="notice late">{t.tooLarge}</p>;
  return (
    <>
      <h2>{t.letter(id)}</h2>
      <dl className="facts">
        <div>
          <dt>{t.reason}</dt>
          <dd>
            <code>{`${body.reason}`}</code>
          </dd>
        </div>
        <div className="wide">
          <dt>{t.error}</dt>
          <dd>
            <Said text={body.error as string | undefined} />
          </dd>
        </div>
        <div>
          <dt>{t.attempts}</dt>
          <dd>{`${body.attempts ?? "–"}`}</dd>
        </div>
        <div>
          <dt>{t.crashes}</dt>
          <dd>{`${body.crashes ?? "–"}`}</dd>
        </div>
        <div>
          <dt>{t.original}</dt>
          <dd>{`${body.msg_id ?? "–"}`}</dd>
        </div>
        <div>
          <dt>{t.deadLetteredAt}</dt>
          <dd>
            <Time at={data.message.enqueued_at} now={data.now} />
          </dd>
        </div>
      </dl>
      <Edit queue={queue} id={id} message={body.message ?? null} functionName={functionName} />
      <details>
        <summary>{t.details}</summary>
        <Tree value={Object.fromEntries(Object.entries(body).filter(([key]) => key !== "message"))} />
      </details>
      <History history={data.history} />
    </>
  );
}

function Edit({ queue, id, message, functionName }: {
  queue: string;
  id: number;
  message: Json;
  functionName: string | null;
}) {
  const { t } = useProject();
  const key = `letter ${queue} ${id}`;
  const original = JSON.stringify(message, null, 2);
  const [text, setText] = useState(() => drafts.read(key) ?? original);
  const parsed = parse(text);
  const isEdited = text !== original;
  const judgement = useJudgement(queue, functionName, parsed.value);
  const wouldFail = judgement.data?.outcome === "rejected";
  const change = (next: string) => {
    setText(next);
    if (next === original) drafts.drop(key);
    else drafts.keep(key, next);
  };
  const onDone = () => {
    drafts.drop(key);
    go(address(["queues", queue, "letters"]));
  };
  return (
    <section aria-label={t.payload}>
      <Editor queue={queue} functionName={functionName} label={t.payload} text={text} onChange={change} />
      {isEdited && <p className="faint" role="status">{t.edited}</p>}
      <div className="buttons">
        <ActionButton
          key={isEdited ? "edited" : "same"}
          action={isEdited ? "redrive_edited" : "redrive"}
          args={isEdited ? { queue, msg_id: id, message: parsed.value } : { queue, filter: { msg_ids: [id] } }}
          of={queue}
          tone="main"
          label={isEdited ? t.redriveEdited : t.redriveThis}
          disabled={isEdited && parsed.problem !== undefined}
          onDone={onDone}
        >
          {wouldFail && <p className="notice late">{t.redriveAnyway}</p>}
        </ActionButton>
        <ActionButton
          action="discard"
          args={{ queue, filter: { msg_ids: [id] } }}
          of={queue}
          tone="danger"
          label={t.discardThis}
          onDone={onDone}
        />
        {isEdited && <button type="button" onClick={() => change(original)}>{t.revert}</button>}
      </div>
    </section>
  );
}
