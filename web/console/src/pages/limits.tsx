/** The limits, and who hits them: by a hash that names nobody. */
import { Answer } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Num, Remedy, Time, useWords } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import type { Limit } from "../pages.js";

const REFRESH_MS = 30_000;

/** Each problem once, with the actions that have it. */
function problemsOf(limits: Limit[]): { reason: string; remedy: string | null; actions: string[] }[] {
  const problems = new Map<string, { reason: string; remedy: string | null; actions: string[] }>();
  for (const { action, reason, remedy } of limits) {
    if (reason === null) continue;
    const key = JSON.stringify([reason, remedy]);
    const known = problems.get(key);
    if (known) known.actions.push(action);
    else problems.set(key, { reason, remedy, actions: [action] });
  }
  return [...problems.values()];
}

export default function Limits() {
  const { t } = useProject();
  const words = useWords();
  const limits = usePage("limits", {}, { refreshMs: REFRESH_MS });
  return (
    <>
      <header className="head">
        <h1>{t.nav.limits}</h1>
      </header>
      <Answer of={limits}>
        {({ limits, most_limited: most, now }) => (
          <>
            {problemsOf(limits).map(({ reason, remedy, actions }) => (
              <section key={actions[0]} className="notice" aria-label={t.problem}>
                {actions.length < limits.length && <p className="faint">{t.concerns(actions.join(", "))}</p>}
                <Remedy reason={reason} remedy={remedy} />
              </section>
            ))}
            {limits.length === 0 ? <p className="empty">{t.noLimits}</p> : (
              <Table
                label={t.nav.limits}
                items={limits}
                keyOf={({ action }) => action}
                columns={[
                  { name: t.action, cell: ({ action }) => <code>{action}</code> },
                  { name: t.allowed60, cell: (limit) => <Num n={limit.allowed_60_min} />, isNumber: true },
                  { name: t.refused60, cell: (limit) => <Num n={limit.refused_60_min} />, isNumber: true },
                  { name: t.deferred60, cell: (limit) => <Num n={limit.deferred_60_min} />, isNumber: true },
                ]}
              />
            )}
            <section aria-labelledby="most">
              <h2 id="most">{t.mostLimited}</h2>
              {most.length === 0 ? <p className="empty">{t.nobodyLimited}</p> : (
                <Table
                  label={t.mostLimited}
                  items={most}
                  keyOf={({ action, kind, who }) => `${action} ${kind} ${who}`}
                  columns={[
                    { name: t.who, cell: ({ who }) => <code>{who}</code> },
                    { name: t.kind, cell: ({ kind }) => words(kind) },
                    { name: t.action, cell: ({ action }) => <code>{action}</code> },
                    { name: t.refused, cell: ({ refused }) => <Num n={refused} />, isNumber: true },
                    { name: t.deferred, cell: ({ deferred }) => <Num n={deferred} />, isNumber: true },
                    { name: t.share, cell: ({ percent }) => <Num n={percent / 100} of="percent" />, isNumber: true },
                    { name: t.lastSeen, cell: ({ last_minute }) => <Time at={last_minute} now={now} /> },
                  ]}
                />
              )}
            </section>
          </>
        )}
      </Answer>
    </>
  );
}
