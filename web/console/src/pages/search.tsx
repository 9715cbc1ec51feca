/** A message wherever it is: by its id, by what it contains, or by the request that caused it. */
import { Answer } from "../parts/answer.js";
import { Form } from "../parts/form.js";
import { Table } from "../parts/table.js";
import { Pill, Time } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link, setQuery, useRoute } from "../route.js";
import { messageAt } from "./messages.js";

const KINDS = ["text", "msg_id", "correlation_id"] as const;

export default function Search() {
  const { t } = useProject();
  const { query } = useRoute();
  const kind = KINDS.find((name) => name === query.get("kind")) ?? "text";
  const q = query.get("q")?.trim() ?? "";
  const queue = query.get("queue") ?? "";
  const overview = usePage("overview", {});
  const found = usePage("search", { [kind]: kind === "msg_id" ? numeric(q) : q, ...(queue ? { queue } : {}) }, {
    enabled: q !== "",
  });
  return (
    <>
      <header className="head">
        <h1>{t.nav.search}</h1>
      </header>
      <Form label={t.nav.search} submit={t.nav.search} onSubmit={setQuery}>
        <label>
          {t.searchFor}
          <select name="kind" defaultValue={kind}>
            {KINDS.map((name) => <option key={name} value={name}>{t.kinds[name]}</option>)}
          </select>
        </label>
        <label className="wide">
          {t.value}
          <input name="q" type="search" required defaultValue={q} autoComplete="off" />
        </label>
        <label>
          {t.queue}
          <select name="queue" defaultValue={queue}>
            <option value="">{t.allQueues}</option>
            {overview.data?.queues.map(({ queue }) => <option key={queue}>{queue}</option>)}
          </select>
        </label>
      </Form>
      {q === "" ? <p className="faint">{t.searchHint}</p> : (
        <Answer of={found}>
          {({ items, incomplete, now }) => (
            <>
              {items.length === 0 ? <p className="empty">{t.nothingFound}</p> : (
                <Table
                  label={t.nav.search}
                  items={items}
                  keyOf={({ queue, box, msg_id }) => `${queue} ${box} ${msg_id}`}
                  columns={[
                    {
                      name: t.id,
                      cell: ({ queue, box, msg_id }) => <Link to={messageAt(queue, box, msg_id)}>{msg_id}</Link>,
                    },
                    { name: t.queue, cell: ({ queue }) => <Link to={["queues", queue]}>{queue}</Link> },
                    {
                      name: t.box,
                      cell: ({ box }) => (
                        <Pill tone={box === "dead_letters" ? "failing" : box === "archive" ? "ok" : "plain"}>
                          {t.boxes[box]}
                        </Pill>
                      ),
                    },
                    { name: t.sentAt, cell: ({ enqueued_at }) => <Time at={enqueued_at} now={now} /> },
                    { name: t.body, cell: ({ body }) => <code className="long">{body}</code> },
                  ]}
                />
              )}
              {incomplete.length > 0 && (
                <p className="faint">
                  {t.incomplete(incomplete.map(({ queue, box }) => `${queue} (${t.boxes[box]})`).join(", "))}
                </p>
              )}
            </>
          )}
        </Answer>
      )}
    </>
  );
}

/** What is no number is sent as it is, for the database to refuse. */
function numeric(text: string): number | string {
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
