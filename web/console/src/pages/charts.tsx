/** The last hour or day of a queue, its redrives and its orphaned leases. uPlot comes with the first chart. */
import { lazy, Suspense } from "react";
import { Answer, Loading } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Num, Time, useFormats } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { setQuery, useRoute } from "../route.js";
import type { Series } from "../pages.js";
import type { PartProps } from "./queue.js";

const Chart = lazy(() => import("../parts/chart.js"));

const REFRESH_MS = 20_000;
const WINDOWS = ["hour", "day"] as const;

/** Which measures a chart shows, each with its color. Those of `right` have a scale of their own. */
const CHARTS: { name: "depth" | "throughput" | "latency" | "workers"; lines: Lines; right?: string }[] = [
  { name: "depth", lines: { visible: 1, in_flight: 2, delayed: 3, dead_letters: 4 } },
  { name: "throughput", lines: { processed: 1, retried: 3, dead_lettered: 4, expired: 2 } },
  { name: "latency", lines: { latency_p50_secs: 1, latency_p95_secs: 3 } },
  { name: "workers", lines: { workers_active: 1, oldest_age_secs: 3 }, right: "oldest_age_secs" },
];

export type Measure = Exclude<keyof Series, "step_secs" | "at" | "verdict">;
export type Lines = Partial<Record<Measure, 1 | 2 | 3 | 4>>;

export default function Charts({ queue, page }: PartProps) {
  const { t } = useProject();
  const { secs, number, time } = useFormats();
  const { query } = useRoute();
  const window = WINDOWS.find((name) => name === query.get("window")) ?? "hour";
  const charts = usePage("queue", { queue, window }, { refreshMs: REFRESH_MS, keep: true });
  const { health, redrives, orphaned_leases: orphaned, now } = page;
  const facts: [string, string][] = [
    [t.waiting, of(health.visible, number)],
    [t.inFlight, of(health.in_flight, number)],
    [t.delayed, of(health.delayed, number)],
    [t.deadLetters, of(health.dead_letters, number)],
    [t.oldest, of(health.oldest_age_secs, secs)],
    [t.workers, `${health.workers_active ?? "–"} / ${page.settings.max_workers}`],
    [t.processed60, of(health.processed_60_min, number)],
    [t.failed60, of(health.failed_60_min, number)],
  ];
  return (
    <>
      <dl className="facts card">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-label={t.tabs.charts}>
        <div className="segments" role="group" aria-label={t.window}>
          {WINDOWS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === window}
              onClick={() => setQuery({ window: name })}
            >
              {t[name]}
            </button>
          ))}
        </div>
        <Answer of={charts}>
          {({ series }) =>
            series.at.length === 0 ? <p className="empty">{t.noSamples}</p> : (
              <div className="charts">
                <Suspense fallback={<Loading />}>
                  {CHARTS.map(({ name, lines, right }) => (
                    <Chart key={name} title={t.charts[name]} series={series} lines={lines} right={right} />
                  ))}
                </Suspense>
              </div>
            )}
        </Answer>
      </section>
      {redrives.length > 0 && (
        <section aria-labelledby="redrives">
          <h2 id="redrives">{t.redrives}</h2>
          <ul>
            {redrives.map(({ rate_per_sec, until }) => (
              <li key={rate_per_sec}>{t.redriveUntil(number(rate_per_sec), time(until))}</li>
            ))}
          </ul>
        </section>
      )}
      {orphaned && (
        <section aria-labelledby="orphaned">
          <h2 id="orphaned">{t.orphaned}</h2>
          {orphaned.expired > 0 && <p>{t.orphanedExpired(orphaned.expired)}</p>}
          {orphaned.runs.length > 0 && (
            <Table
              label={t.orphaned}
              items={orphaned.runs}
              keyOf={({ run_id }) => run_id}
              columns={[
                { name: t.run, cell: ({ run_id }) => <code>{run_id.slice(0, 8)}</code> },
                { name: t.held, cell: ({ held }) => <Num n={held} />, isNumber: true },
                { name: t.lastSeen, cell: ({ last_seen_at }) => <Time at={last_seen_at} now={now} /> },
                { name: t.ends, cell: ({ ends_at }) => <Time at={ends_at} now={now} /> },
              ]}
            />
          )}
          {orphaned.expired === 0 && orphaned.runs.length === 0 && <p className="faint">{t.orphanedNone}</p>}
        </section>
      )}
    </>
  );
}

function of(n: number | null, format: (n: number) => string): string {
  return n === null ? "–" : format(n);
}
