import { useProject } from "../project.js";
import { Said, Time } from "../parts/values.js";
import type { OneMessage } from "../pages.js";

export function History({ history }: { history: OneMessage["history"] }) {
  const { t } = useProject();
  return (
    <section aria-labelledby="history">
      <h2 id="history">{t.history}</h2>
      <ol className="history">
        {history.map(({ at, event, code, error, run_id }, i) => (
          <li key={i} className={event}>
            <strong>{t.events[event] ?? event}</strong> <Time at={at} />
            {code && (
              <>
                <code>{code}</code>
              </>
            )}
            {error && (
              <p>
                <Said text={error} />
              </p>
            )}
            {run_id && (
              <p>
                {t.run} <code>{run_id}</code>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
