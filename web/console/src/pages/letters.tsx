/** Dead letters: found by a filter, grouped, and one of them or all that match redriven or discarded. */
import { useState } from "react";
import { ActionButton } from "../parts/action.js";
import { type Filter, filterOf } from "../parts/filter.js";
import { Answer } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Num, Said, Time, Tree, useFormats } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { address, go, Link, setQuery, useRoute } from "../route.js";
import type { Letter } from "../pages.js";
import { Export } from "./export.js";
import { OneLetter } from "./letter.js";
import type { PartProps } from "./queue.js";

const SHOWN = 50;

export default function Letters(props: PartProps) {
  const { path } = useRoute();
  return path[3] ? <OneLetter {...props} id={Number(path[3])} key={path[3]} /> : <List {...props} />;
}

function List({ queue }: PartProps) {
  const { t } = useProject();
  const { query } = useRoute();
  const filter = filterOf(query);
  const after = Number(query.get("after")) || 0;
  const letters = usePage("dead_letters", { queue, filter, limit: SHOWN, ...(after ? { after } : {}) }, { keep: true });
  const hasFilter = Object.keys(filter).length > 0;
  return (
    <>
      <FilterForm key={query.toString()} />
      <Groups queue={queue} filter={filter} />
      <Answer of={letters}>
        {({ items, next, matching, now }) => (
          <section aria-labelledby="matching">
            <header className="head">
              <h2 id="matching">{t.matching(matching)}</h2>
              <div className="buttons">
                <ActionButton
                  action="redrive"
                  args={{ queue, filter }}
                  of={queue}
                  bulk={{ rate: true }}
                  tone="main"
                  label={t.redriveAll}
                  disabled={matching === 0}
                />
                <ActionButton
                  action="discard"
                  args={{ queue, filter }}
                  of={queue}
                  bulk={{ rate: false }}
                  tone="danger"
                  label={t.discardAll}
                  disabled={matching === 0}
                />
                <ActionButton
                  action="cancel_redrive"
                  args={{ queue, filter }}
                  of={queue}
                  bulk={{ rate: false }}
                  label={t.takeBack}
                />
                <Export queue={queue} filter={filter} disabled={matching === 0} />
              </div>
            </header>
            {items.length === 0
              ? <p className="empty">{hasFilter || after ? t.noLettersMatch : t.noLetters}</p>
              : (
                <Table
                  label={t.deadLetters}
                  items={items}
                  keyOf={({ msg_id }) => msg_id}
                  columns={[
                    {
                      name: t.id,
                      cell: ({ msg_id }) => <Link to={["queues", queue, "letters", `${msg_id}`]}>{msg_id}</Link>,
                    },
                    {
                      name: t.reason,
                      cell: ({ reason }) =>
                        reason && (
                          <button
                            type="button"
                            className="link"
                            onClick={() => setQuery({ reason, after: null })}
                          >
                            {reason}
                          </button>
                        ),
                    },
                    {
                      name: t.error,
                      cell: ({ error }) => (
                        <span className="long">
                          <Said text={error} />
                        </span>
                      ),
                    },
                    { name: t.attempts, cell: ({ details }) => <Num n={details.attempts as number} />, isNumber: true },
                    {
                      name: t.deadLetteredAt,
                      cell: ({ dead_lettered_at }) => <Time at={dead_lettered_at} now={now} />,
                    },
                    { name: t.payload, cell: (letter) => <Payload letter={letter} /> },
                    {
                      name: t.action,
                      cell: ({ msg_id }) => (
                        <div className="buttons">
                          <ActionButton
                            action="redrive"
                            args={{ queue, filter: { msg_ids: [msg_id] } }}
                            of={queue}
                            label={t.redriveThis}
                          />
                          <ActionButton
                            action="discard"
                            args={{ queue, filter: { msg_ids: [msg_id] } }}
                            of={queue}
                            tone="danger"
                            label={t.discardThis}
                          />
                        </div>
                      ),
                    },
                  ]}
                />
              )}
            {next && (
              <Link
                className="button"
                to={["queues", queue, "letters"]}
                query={{ ...Object.fromEntries(query), after: next }}
              >
                {t.more}
              </Link>
            )}
          </section>
        )}
      </Answer>
    </>
  );
}

function Payload({ letter }: { letter: Letter }) {
  const { t } = useProject();
  const { bytes } = useFormats();
  if (letter.message === null && (letter.size_bytes ?? 0) > 4) {
    return <span className="faint">{bytes(letter.size_bytes!)}</span>;
  }
  return (
    <Tree
      value={letter.message}
      open={false}
      name={t.body}
      onPick={(path, value) => setQuery({ path: path.join("."), value: JSON.stringify(value), after: null })}
    />
  );
}

function FilterForm() {
  const { t } = useProject();
  const { path, query } = useRoute();
  const field = (name: string, label: string, more: React.ComponentProps<"input"> = {}) => (
    <label>
      {label}
      <input name={name} defaultValue={query.get(name) ?? ""} maxLength={200} {...more} />
    </label>
  );
  return (
    <form
      className="filter"
      role="search"
      aria-label={t.filter}
      onSubmit={(event) => {
        event.preventDefault();
        const entries = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>;
        setQuery({ ...entries, after: null });
      }}
    >
      {field("reason", t.reason)}
      {field("field", t.field)}
      {field("error", t.errorText)}
      {field("older", t.olderThan, { type: "number", min: 0, step: "any" })}
      {field("newer", t.newerThan, { type: "number", min: 0, step: "any" })}
      {field("attempts", t.minAttempts, { type: "number", min: 0 })}
      {field("path", t.path, { title: t.pathHint, placeholder: "metadata.source" })}
      {field("value", t.value, { title: t.valueHint })}
      <div className="buttons">
        <button type="submit">{t.apply}</button>
        {query.size > 0 && <button type="button" onClick={() => go(address(path))}>{t.clear}</button>}
      </div>
    </form>
  );
}

const KINDS = ["reason", "field", "path", "age"] as const;

/** What the letters have in common. A group becomes the filter. */
function Groups({ queue, filter }: { queue: string; filter: Filter }) {
  const { t } = useProject();
  const { number, time } = useFormats();
  const { query } = useRoute();
  const [by, setBy] = useState<typeof KINDS[number]>("reason");
  const path = query.get("path")?.split(".") ?? [];
  const groups = usePage("letter_groups", { queue, filter, by, ...(by === "path" ? { path } : {}) }, {
    keep: true,
    enabled: by !== "path" || path.length > 0,
  });
  const pick = (value: string) => setQuery(by === "path" ? { value, after: null } : { [by]: value, after: null });
  return (
    <section className="groups" aria-label={t.groupBy}>
      <div className="segments" role="group" aria-label={t.groupBy}>
        {KINDS.map((kind) => (
          <button key={kind} type="button" aria-pressed={kind === by} onClick={() => setBy(kind)}>{t.by[kind]}</button>
        ))}
      </div>
      {by === "path" && path.length === 0 ? <p className="faint">{t.pathHint}</p> : (
        <Answer of={groups}>
          {(data) => {
            const top = Math.max(1, ...data.groups.map(({ letters }) => letters));
            return (
              <>
                <ul className="bars">
                  {data.groups.map(({ value, letters }) => (
                    <li key={value ?? ""}>
                      <meter min={0} max={top} value={letters} aria-hidden="true" />
                      {value !== null && data.by !== "age"
                        ? <button type="button" className="link" onClick={() => pick(value)}>{value}</button>
                        : <span>{value === null ? t.noGroup : time(value)}</span>}
                      <span className="n">{number(letters)}</span>
                    </li>
                  ))}
                </ul>
                {data.different > data.groups.length && (
                  <p className="faint">{t.groupsMore(data.different - data.groups.length)}</p>
                )}
                {!data.is_complete && <p className="faint">{t.groupsIncomplete(data.read)}</p>}
              </>
            );
          }}
        </Answer>
      )}
    </section>
  );
}
