/** The messages of a queue, its archive and its dead letters, looked at without a lease. */
import { useState } from "react";
import { ActionDialog } from "../parts/action.js";
import { Answer } from "../parts/answer.js";
import { type Filter, filterOf } from "../parts/filter.js";
import { More } from "../parts/more.js";
import { Table } from "../parts/table.js";
import { Num, Pill, Time, Tree } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link, setQuery, useRoute } from "../route.js";
import type { Box, Json } from "../pages.js";
import { History } from "./history.js";
import type { PartProps } from "./queue.js";

export const BOXES: Box[] = ["queue", "archive", "dead_letters", "discarded"];

export default function Messages({ queue }: PartProps) {
  const { path } = useRoute();
  const box = BOXES.find((name) => name === path[3]);
  return box && path[4] ? <Message queue={queue} box={box} id={Number(path[4])} /> : <Peek queue={queue} />;
}

const TONES: Record<string, "ok" | "late" | "failing" | "plain"> = {
  in_flight: "ok",
  dead_letters: "failing",
  delayed: "late",
};

function Peek({ queue }: { queue: string }) {
  const { t, say } = useProject();
  const { query } = useRoute();
  const box = BOXES.find((name) => name === query.get("box")) ?? "queue";
  const from = Number(query.get("from")) || undefined;
  const messages = usePage("messages", { queue, box, ...(from ? { from } : {}) }, { keep: true });
  return (
    <>
      <div className="segments" role="group" aria-label={t.box}>
        {BOXES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === box}
            onClick={() => setQuery({ box: name, from: null })}
          >
            {t.boxes[name]}
          </button>
        ))}
      </div>
      {box === "queue" && <Withdraw queue={queue} />}
      <Answer of={messages}>
        {({ items, next, now }) => (
          <>
            {items.length === 0 ? <p className="empty">{t.noMessages}</p> : (
              <Table
                label={t.boxes[box]}
                items={items}
                keyOf={({ msg_id }) => msg_id}
                columns={[
                  { name: t.id, cell: ({ msg_id }) => <Link to={messageAt(queue, box, msg_id)}>{msg_id}</Link> },
                  {
                    name: t.state,
                    cell: ({ state }) => <Pill tone={TONES[state] ?? "plain"}>{t.messageStates[state] ?? state}</Pill>,
                  },
                  { name: t.sentAt, cell: ({ enqueued_at }) => <Time at={enqueued_at} now={now} /> },
                  box === "archive" || box === "discarded"
                    ? { name: t.archivedAt, cell: ({ archived_at }) => <Time at={archived_at} now={now} /> }
                    : { name: t.visibleAt, cell: ({ visible_at }) => <Time at={visible_at} now={now} /> },
                  { name: t.reads, cell: ({ read_ct }) => <Num n={read_ct} />, isNumber: true },
                  {
                    name: t.failures,
                    cell: ({ failures, last_error }) => (
                      <span title={last_error ? say(last_error) : undefined}>
                        <Num n={failures} />
                      </span>
                    ),
                    isNumber: true,
                  },
                  { name: t.size, cell: ({ size_bytes }) => <Num n={size_bytes} of="bytes" />, isNumber: true },
                  { name: t.body, cell: ({ body }) => <code className="long">{body}</code> },
                ]}
              />
            )}
            <More next={next} name="from" />
          </>
        )}
      </Answer>
    </>
  );
}

/** What waits and matches becomes dead letters. */
function Withdraw({ queue }: { queue: string }) {
  const { t } = useProject();
  const [filter, setFilter] = useState<Filter>();
  const field = (name: string, label: string, more: React.ComponentProps<"input"> = {}) => (
    <label>
      {label}
      <input name={name} maxLength={200} autoComplete="off" {...more} />
    </label>
  );
  return (
    <details>
      <summary>{t.withdraw}</summary>
      <form
        className="filter"
        aria-label={t.withdraw}
        onSubmit={(event) => {
          event.preventDefault();
          const fields = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
          setFilter(filterOf(new URLSearchParams(fields)));
        }}
      >
        {field("older", t.olderThan, { type: "number", min: 0, step: "any" })}
        {field("newer", t.newerThan, { type: "number", min: 0, step: "any" })}
        {field("path", t.path, { title: t.pathHint, placeholder: "metadata.source" })}
        {field("value", t.value, { title: t.valueHint })}
        <div className="buttons">
          <button type="submit">{t.withdrawMatching}</button>
        </div>
      </form>
      {filter && (
        <ActionDialog
          action="withdraw"
          args={{ queue, filter }}
          of={queue}
          bulk={{ rate: false }}
          tone="danger"
          onClose={() => setFilter(undefined)}
        >
          {Object.keys(filter).length > 0 && <Tree value={filter} name={t.filter} />}
        </ActionDialog>
      )}
    </details>
  );
}

/** Where a message is shown: a dead letter can be edited there. */
export function messageAt(queue: string, box: Box, id: number): string[] {
  return box === "dead_letters" ? ["queues", queue, "letters", `${id}`] : ["queues", queue, "messages", box, `${id}`];
}

function Message({ queue, box, id }: { queue: string; box: Box; id: number }) {
  const { t } = useProject();
  const message = usePage("message", { queue, box, msg_id: id });
  if (message.error?.status === 404) {
    return (
      <div role="alert" className="notice late">
        <p>{t.messageGone}</p>
        <Link to={["search"]} query={{ kind: "msg_id", q: id }}>{t.searchIt}</Link>
      </div>
    );
  }
  return (
    <>
      <p>
        <Link to={["queues", queue, "messages"]} query={{ box }}>← {t.boxes[box]}</Link>
      </p>
      <Answer of={message}>
        {({ message, failures, history, now }) => (
          <>
            <h2>{t.message(id)}</h2>
            <dl className="facts">
              <div>
                <dt>{t.sentAt}</dt>
                <dd>
                  <Time at={message.enqueued_at} now={now} />
                </dd>
              </div>
              <div>
                <dt>{message.at ? t.archivedAt : t.visibleAt}</dt>
                <dd>
                  <Time at={message.at ?? message.visible_at} now={now} />
                </dd>
              </div>
              <div>
                <dt>{t.reads}</dt>
                <dd>
                  <Num n={message.read_ct} />
                </dd>
              </div>
              <div>
                <dt>{t.size}</dt>
                <dd>
                  <Num n={message.size_bytes} of="bytes" />
                </dd>
              </div>
              <Correlation message={message.message} />
            </dl>
            <section aria-label={t.body} className="card">
              {message.message === null && message.size_bytes > 4
                ? <p>{t.tooLarge}</p>
                : <Tree value={message.message} name={t.body} />}
              {message.headers && <Tree value={message.headers} name={t.headers} open={false} />}
              {failures && <Tree value={failures} name={t.failures} open={false} />}
            </section>
            <History history={history} />
          </>
        )}
      </Answer>
    </>
  );
}

/** What the same request caused is one search away. */
export function Correlation({ message }: { message: Json }) {
  const { t } = useProject();
  const id = correlationOf(message);
  if (!id) return null;
  return (
    <div className="wide">
      <dt>{t.correlation}</dt>
      <dd>
        <code>{id}</code> <Link to={["search"]} query={{ kind: "correlation_id", q: id }}>{t.causedBy}</Link>
      </dd>
    </div>
  );
}

function correlationOf(message: Json): string | undefined {
  const metadata = member(message, "metadata") ?? member(member(message, "message"), "metadata");
  const id = member(metadata, "correlation_id");
  return typeof id === "string" ? id : undefined;
}

function member(value: Json | undefined, key: string): Json | undefined {
  return value && typeof value === "object" && !Array.isArray(value) ? value[key] : undefined;
}
