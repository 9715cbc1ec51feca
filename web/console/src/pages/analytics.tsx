import { Answer } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Num, Tree, useFormats } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link } from "../route.js";
import type { Json } from "../pages.js";

const REFRESH_MS = 60_000;

export default function Analytics() {
  const { t, language } = useProject();
  const { number } = useFormats();
  const analytics = usePage("analytics", {}, { refreshMs: REFRESH_MS });
  const day = (text: string) =>
    new Date(`${text}T00:00:00Z`).toLocaleDateString(language, { timeZone: "UTC", dateStyle: "medium" });
  return (
    <>
      <header className="head">
        <h1>{t.nav.analytics}</h1>
      </header>
      <Answer of={analytics}>
        {({ today, trending, reports }) => {
          const events = Object.entries(today).toSorted(([, a], [, b]) => b - a);
          const top = events[0]?.[1] ?? 1;
          return (
            <>
              <div className="columns">
                <section aria-labelledby="today" className="card">
                  <h2 id="today">{t.today}</h2>
                  {events.length === 0 ? <p className="faint">{t.noneToday}</p> : (
                    <ul className="bars">
                      {events.map(([name, count]) => (
                        <li key={name}>
                          <meter min={0} max={top} value={count} aria-hidden="true" />
                          <code>{name}</code>
                          <span className="n">{number(count)}</span>
                        </li>
                      ))}
                    </ul>
                  )}
                </section>
                <section aria-labelledby="trending" className="card">
                  <h2 id="trending">{t.trending}</h2>
                  {trending.length === 0 ? <p className="faint">{t.nothingFound}</p> : (
                    <ol className="trending">
                      {trending.map(({ post_id, score }) => (
                        <li key={post_id}>
                          <Link to={["search"]} query={{ kind: "text", q: post_id }}>
                            <code>{post_id}</code>
                          </Link>
                          <span className="n">{number(score, { maximumFractionDigits: 2 })}</span>
                        </li>
                      ))}
                    </ol>
                  )}
                </section>
              </div>
              <section aria-labelledby="reports">
                <h2 id="reports">{t.dailyReports}</h2>
                {reports.length === 0 ? <p className="empty">{t.noReports}</p> : (
                  <Table
                    label={t.dailyReports}
                    items={reports}
                    keyOf={({ day }) => day}
                    columns={[
                      { name: t.day, cell: (report) => day(report.day) },
                      { name: t.details, cell: ({ day: _, ...rest }) => <Numbers of={rest} /> },
                    ]}
                  />
                )}
              </section>
            </>
          );
        }}
      </Answer>
    </>
  );
}

/** The numbers of a report in a line; what is nested, as a tree. */
function Numbers({ of }: { of: Record<string, Json> }) {
  const entries = Object.entries(of);
  return (
    <>
      <dl className="facts">
        {entries.filter(([, value]) => typeof value === "number").map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd>
              <Num n={value as number} />
            </dd>
          </div>
        ))}
      </dl>
      {entries.filter(([, value]) => value !== null && typeof value === "object").map(([name, value]) => (
        <Tree key={name} name={name} value={value} open={false} />
      ))}
    </>
  );
}
