import { ActionButton } from "../parts/action.js";
import { Answer } from "../parts/answer.js";
import { Sparkline } from "../parts/sparkline.js";
import { Table } from "../parts/table.js";
import { Num, Pill, Remedy, Said, Time, useFormats, VerdictPill } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link } from "../route.js";
import type { Overview as Data, Provider } from "../pages.js";

const REFRESH_MS = 10_000;
const WORST_FIRST = { failing: 0, late: 1, ok: 2 };

export default function Overview() {
  const { t } = useProject();
  const overview = usePage("overview", {}, { refreshMs: REFRESH_MS });
  return (
    <>
      <header className="head">
        <h1>{t.nav.overview}</h1>
        {overview.data && (
          <p className="faint">
            <Time at={overview.data.now} />
          </p>
        )}
      </header>
      <Answer of={overview}>
        {(data) => (
          <>
            <Trouble data={data} />
            <Queues data={data} />
            <Providers providers={data.providers} now={data.now} />
            <Around data={data} />
          </>
        )}
      </Answer>
    </>
  );
}

/** What concerns all queues. */
function Trouble({ data }: { data: Data }) {
  const { t } = useProject();
  return (
    <>
      {data.calls?.problem && (
        <div className="notice failing">
          <p>
            <strong>{t.callsProblem}</strong>
          </p>
          <Remedy reason={data.calls.problem} remedy={data.calls.remedy} />
        </div>
      )}
      {data.alerts.length > 0 && (
        <div className="notice late">
          <p>
            <strong>{t.openAlerts}</strong>
          </p>
          <ul className="plain">
            {data.alerts.map((alert) => (
              <li key={alert.id}>
                <VerdictPill verdict={alert.verdict} /> <Link to={["queues", alert.queue]}>{alert.queue}</Link>{" "}
                <Said text={alert.reason} /> <Time at={alert.raised_at} now={data.now} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Queues({ data }: { data: Data }) {
  const { t } = useProject();
  const queues = data.queues.toSorted((a, b) => WORST_FIRST[a.verdict] - WORST_FIRST[b.verdict]);
  const bad = queues.filter(({ verdict }) => verdict !== "ok").length;
  if (queues.length === 0) return <p>{t.empty}</p>;
  return (
    <section aria-labelledby="queues">
      <h2 id="queues">{t.attention(bad)}</h2>
      <ul className="queues">
        {queues.map((queue) => (
          <li key={queue.queue} className={`queue ${queue.verdict}`}>
            <div className="name">
              <Link to={["queues", queue.queue]}>{queue.queue}</Link> <VerdictPill verdict={queue.verdict} />
              {queue.paused && (
                <>
                  <Pill tone="plain">{t.paused}</Pill>
                </>
              )}
            </div>
            <dl>
              <Fact name={t.waiting} note={queue.is_estimate ? t.estimate : undefined}>
                <Num n={queue.visible} />
              </Fact>
              <Fact name={t.inFlight}>
                <Num n={queue.in_flight} />
              </Fact>
              <Fact name={t.delayed}>
                <Num n={queue.delayed} />
              </Fact>
              <Fact name={t.deadLetters}>
                {queue.dead_letters
                  ? (
                    <Link to={["queues", queue.queue, "letters"]} className="bad">
                      <Num n={queue.dead_letters} />
                    </Link>
                  )
                  : <Num n={queue.dead_letters} />}
              </Fact>
              <Fact name={t.oldest}>
                <Num n={queue.oldest_age_secs} of="secs" />
              </Fact>
              <Fact name={t.workers}>{queue.workers_active ?? "–"} / {queue.max_workers}</Fact>
              <Fact name={t.processed60}>
                <Num n={queue.processed_60_min} />
              </Fact>
              <Fact name={t.failed60}>
                <Num n={queue.failed_60_min} />
              </Fact>
            </dl>
            <Sparkline queue={queue.queue} series={queue.last_hour} />
            <Remedy reason={queue.reason} remedy={queue.remedy} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fact({ name, note, children }: { name: string; note?: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}{note && <span className="faint">{note}</span>}</dd>
    </div>
  );
}

const TONES = { closed: "ok", open: "failing", half_open: "late" } as const;

function Providers({ providers, now }: { providers: Provider[]; now: string }) {
  const { t } = useProject();
  return (
    <section aria-labelledby="providers">
      <h2 id="providers">{t.providers}</h2>
      {providers.length === 0 ? <p className="faint">{t.noProviders}</p> : (
        <Table
          label={t.providers}
          items={providers}
          keyOf={({ provider, service }) => `${provider} ${service}`}
          columns={[
            {
              name: t.provider,
              cell: ({ provider, service }) => <>{provider}{service && <span className="faint">{service}</span>}</>,
            },
            {
              name: t.breaker,
              cell: ({ state, open_until }) => (
                <>
                  <Pill tone={TONES[state]}>{t.states[state]}</Pill> {open_until && <Time at={open_until} now={now} />}
                </>
              ),
            },
            { name: t.sent60, cell: (p) => <Num n={p.sent_60_min} />, isNumber: true },
            { name: t.failed60, cell: (p) => <Num n={p.failed_60_min} />, isNumber: true },
            { name: t.skipped60, cell: (p) => <Num n={p.skipped_60_min} />, isNumber: true },
            { name: t.uncertain24, cell: (p) => <Num n={p.uncertain_24_h} />, isNumber: true },
            {
              name: t.problem,
              cell: (p) => (
                <>
                  <Remedy reason={p.reason} remedy={p.remedy} />
                  {p.state !== "closed" && (
                    <ActionButton
                      action="close_breaker"
                      args={p.service ? { provider: p.provider, service: p.service } : { provider: p.provider }}
                      of={p.provider}
                      label={t.closeBreaker}
                    />
                  )}
                </>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}

/** Moderation, the jobs and the last tick. */
function Around({ data }: { data: Data }) {
  const { t, say } = useProject();
  const { time, number } = useFormats();
  const comments = Object.entries(data.comments ?? {}).filter(([, value]) => typeof value === "number");
  return (
    <div className="columns">
      <section aria-labelledby="jobs">
        <h2 id="jobs">{t.jobs}</h2>
        <Table
          label={t.jobs}
          items={data.jobs}
          keyOf={({ name }) => name}
          columns={[
            {
              name: t.job,
              cell: ({ name }) => name,
            },
            { name: t.schedule, cell: ({ schedule }) => <code>{schedule}</code> },
            {
              name: t.problem,
              cell: ({ problem, purpose, remedy }) =>
                problem
                  ? <Remedy reason={`${say(problem)}: ${say(purpose)}`} remedy={remedy} />
                  : <Pill tone="ok">{t.verdicts.ok}</Pill>,
            },
          ]}
        />
        {data.last_tick?.started_at && (
          <p className="faint">{t.lastTick}: {time(data.last_tick.started_at)} · {data.last_tick.status}</p>
        )}
      </section>
      {comments.length > 0 && (
        <section aria-labelledby="comments">
          <h2 id="comments">{t.commentsState} {data.comments && <VerdictPill verdict={data.comments.status} />}</h2>
          {data.comments && <Remedy reason={data.comments.reason} remedy={data.comments.remedy} />}
          <dl className="facts">
            {comments.map(([name, value]) => (
              <Fact key={name} name={t.fields[name] ?? name.replaceAll("_", " ")}>{number(value as number)}</Fact>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
