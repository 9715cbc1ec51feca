/** The ledger: what became of each push and email, and why one was skipped. */
import { Answer } from "../parts/answer.js";
import { argumentsOf, Choice, Form, Text } from "../parts/form.js";
import { More } from "../parts/more.js";
import { Table } from "../parts/table.js";
import { Pill, Time } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link, setQuery, useRoute } from "../route.js";

const TONES: Record<string, "ok" | "late" | "failing" | "plain"> = { sent: "ok", failed: "failing", sending: "late" };

export default function Deliveries() {
  const { t } = useProject();
  const { query } = useRoute();
  const args = argumentsOf(query, ["person_id", "provider", "status", "channel", "reason", "correlation_id"]);
  const deliveries = usePage("deliveries", args, { keep: true });
  const overview = usePage("overview", {});
  const providers = Object.fromEntries((overview.data?.providers ?? []).map(({ provider }) => [provider, provider]));
  return (
    <>
      <header className="head">
        <h1>{t.nav.deliveries}</h1>
      </header>
      <Form label={t.filter} submit={t.apply} onSubmit={setQuery}>
        <Choice name="status" label={t.state} names={t.deliveryStates} />
        <Choice name="channel" label={t.channel} names={{ push: "push", email: "email" }} />
        <Choice name="provider" label={t.provider} names={providers} />
        <Text name="reason" label={t.reason} />
        <Text name="person_id" label={t.personId} />
        <Text name="correlation_id" label={t.correlation} />
      </Form>
      <Answer of={deliveries}>
        {({ items, next, read, now }) => (
          <>
            {items.length === 0
              ? (
                <p className="empty">
                  {t.noDeliveries} <span className="faint">{t.readOnly(read)}</span>
                </p>
              )
              : (
                <Table
                  label={t.nav.deliveries}
                  items={items}
                  keyOf={({ id }) => id}
                  columns={[
                    { name: t.created, cell: ({ created_at }) => <Time at={created_at} now={now} /> },
                    {
                      name: t.state,
                      cell: ({ status }) => (
                        <Pill tone={TONES[status] ?? "plain"}>{t.deliveryStates[status] ?? status}</Pill>
                      ),
                    },
                    { name: t.reason, cell: ({ reason }) => <span className="long">{reason ?? "–"}</span> },
                    {
                      name: t.channel,
                      cell: ({ channel, provider }) => (
                        <>{channel}{provider && <span className="faint">· {provider}</span>}</>
                      ),
                    },
                    {
                      name: t.person,
                      cell: ({ username, recipient_id }) => (
                        <Link to={["deliveries"]} query={{ person_id: recipient_id }}>{username ?? recipient_id}</Link>
                      ),
                    },
                    {
                      name: t.notification,
                      cell: ({ type, title }) => (
                        <>
                          {title ?? "–"} <code className="faint">{type}</code>
                        </>
                      ),
                    },
                    {
                      name: t.tries,
                      cell: ({ tries, uncertain_tries }) => (
                        <>
                          {tries}
                          {uncertain_tries > 0 && <span className="bad">{uncertain_tries} {t.uncertain}</span>}
                        </>
                      ),
                      isNumber: true,
                    },
                    {
                      name: t.correlation,
                      cell: ({ correlation_id: id }) =>
                        id
                          ? <Link to={["search"]} query={{ kind: "correlation_id", q: id }}>{id.slice(0, 8)}</Link>
                          : "–",
                    },
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
