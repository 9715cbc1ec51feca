import { ActionButton } from "../parts/action.js";
import { Answer } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Pill, Remedy, Time, VerdictPill } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link } from "../route.js";

const REFRESH_MS = 10_000;

export default function Alerts() {
  const { t } = useProject();
  const alerts = usePage("alerts", {}, { refreshMs: REFRESH_MS });
  return (
    <>
      <header className="head">
        <h1>{t.nav.alerts}</h1>
        {alerts.data && !alerts.data.webhook.problem && (
          <ActionButton action="test_alert" args={{}} of={t.webhook} label={t.testAlert} />
        )}
      </header>
      <Answer of={alerts}>
        {({ items, settings, webhook, now }) => (
          <>
            <section aria-labelledby="webhook" className="card">
              <h2 id="webhook">{t.webhook}</h2>
              {webhook.problem ? <Remedy reason={webhook.problem} remedy={webhook.remedy} /> : (
                <p>
                  {t.webhookOk} <code>{settings.webhook_url}</code>
                </p>
              )}
              <p className="faint">{t.alertAfter(settings.failing_secs, settings.late_secs)}</p>
            </section>
            {items.length === 0 ? <p className="empty">{t.noAlerts}</p> : (
              <Table
                label={t.nav.alerts}
                items={items}
                keyOf={({ id }) => id}
                columns={[
                  { name: t.queue, cell: ({ queue }) => <Link to={["queues", queue]}>{queue}</Link> },
                  { name: t.state, cell: ({ verdict }) => <VerdictPill verdict={verdict} /> },
                  { name: t.raised, cell: ({ raised_at }) => <Time at={raised_at} now={now} /> },
                  {
                    name: t.over,
                    cell: ({ over_at }) =>
                      over_at ? <Time at={over_at} now={now} /> : <Pill tone="late">{t.stillOpen}</Pill>,
                  },
                  { name: t.problem, cell: ({ reason, remedy }) => <Remedy reason={reason} remedy={remedy} /> },
                ]}
              />
            )}
          </>
        )}
      </Answer>
    </>
  );
}
