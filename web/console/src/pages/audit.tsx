/** What operators did; a change of settings can be undone here. */
import { ActionButton } from "../parts/action.js";
import { Answer } from "../parts/answer.js";
import { argumentsOf, Choice, Form } from "../parts/form.js";
import { More } from "../parts/more.js";
import { Table } from "../parts/table.js";
import { Num, Time, Tree } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link, setQuery, useRoute } from "../route.js";
import type { Entry } from "../pages.js";
import { Difference } from "./settings.js";

export default function Audit() {
  const { t } = useProject();
  const { query } = useRoute();
  const entries = usePage("audit", argumentsOf(query, ["action", "queue", "operator_id"]), { keep: true });
  const overview = usePage("overview", {});
  const actions = Object.fromEntries(Object.entries(t.actions).map(([name, { title }]) => [name, title]));
  const queues = Object.fromEntries((overview.data?.queues ?? []).map(({ queue }) => [queue, queue]));
  return (
    <>
      <header className="head">
        <h1>{t.nav.audit}</h1>
      </header>
      <Form label={t.filter} submit={t.apply} onSubmit={setQuery}>
        <Choice name="action" label={t.action} names={actions} />
        <Choice name="queue" label={t.queue} names={queues} />
      </Form>
      <Answer of={entries}>
        {({ items, next, now }) => (
          <>
            {items.length === 0 ? <p className="empty">{t.noEntries}</p> : (
              <Table
                label={t.nav.audit}
                items={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: t.at, cell: ({ at }) => <Time at={at} now={now} /> },
                  {
                    name: t.operator,
                    cell: ({ operator, operator_id }) => (
                      <Link to={["audit"]} query={{ operator_id }}>{operator ?? operator_id.slice(0, 8)}</Link>
                    ),
                  },
                  { name: t.action, cell: ({ action }) => t.actions[action]?.title ?? action },
                  { name: t.queue, cell: ({ queue }) => queue ? <Link to={["queues", queue]}>{queue}</Link> : "–" },
                  { name: t.affected, cell: ({ affected }) => <Num n={affected} />, isNumber: true },
                  { name: t.details, cell: (entry) => <Details entry={entry} /> },
                ]}
              />
            )}
            <More next={next} />
          </>
        )}
      </Answer>
    </>
  );
}

function Details({ entry }: { entry: Entry }) {
  const { t } = useProject();
  const { action, queue, result } = entry;
  const [before, after] = [result.before, result.after] as Record<string, unknown>[];
  return (
    <>
      <Tree value={entry.arguments} name={t.arguments} open={false} />
      <Tree value={result} name={t.result} open={false} />
      {action === "change_settings" && queue && before && after && Object.keys(before).length > 0 && (
        <ActionButton
          action="change_settings"
          args={{ queue, changes: before, expected: after }}
          of={queue}
          label={t.undo}
        >
          <Difference before={after} after={before} />
        </ActionButton>
      )}
    </>
  );
}
