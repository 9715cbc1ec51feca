import { lazy, Suspense, useState } from "react";
import { ActionButton } from "../parts/action.js";
import { Answer, Loading } from "../parts/answer.js";
import { Pill, Remedy, VerdictPill } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import { Link, useRoute } from "../route.js";
import { operate } from "../rpc.js";
import { SendDialog } from "./send.js";

const parts = {
  charts: lazy(() => import("./charts.js")),
  messages: lazy(() => import("./messages.js")),
  letters: lazy(() => import("./letters.js")),
  runs: lazy(() => import("./runs.js").then(({ Runs }) => ({ default: Runs }))),
  calls: lazy(() => import("./runs.js").then(({ Calls }) => ({ default: Calls }))),
  settings: lazy(() => import("./settings.js")),
};
type Part = keyof typeof parts;

const REFRESH_MS = 10_000;

export default function Queue() {
  const { client, t } = useProject();
  const { path } = useRoute();
  const queue = path[1] ?? "";
  const part = (path[2] ?? "charts") as Part;
  const Part = parts[part];
  const data = usePage("queue", { queue }, { refreshMs: REFRESH_MS });
  const [isSending, setSending] = useState(false);
  const health = data.data?.health;
  if (data.error?.status === 404 && !data.data) {
    return (
      <div role="alert" className="notice failing">
        <p>{t.noQueue(queue)}</p>
        <Link to={[]}>{t.backToOverview}</Link>
      </div>
    );
  }
  return (
    <>
      <header className="head">
        <h1>
          {queue} {health && <VerdictPill verdict={health.verdict} />}
          {health?.paused && (
            <>
              <Pill tone="plain">{t.paused}</Pill>
            </>
          )}
        </h1>
        {health && (
          <div className="buttons">
            <ActionButton
              key={`${health.paused}`}
              action={health.paused ? "resume" : "pause"}
              args={{ queue }}
              of={queue}
              label={health.paused ? t.resume : t.pause}
              undo={async () => {
                await operate(client, health.paused ? "pause" : "resume", { queue }, false);
              }}
            />
            <button type="button" onClick={() => setSending(true)}>{t.sendTest}</button>
          </div>
        )}
      </header>
      {health && <Remedy reason={health.reason} remedy={health.remedy} />}
      <nav aria-label={queue} className="tabs">
        {(Object.keys(parts) as Part[]).map((name) => (
          <Link
            key={name}
            to={name === "charts" ? ["queues", queue] : ["queues", queue, name]}
            aria-current={name === part ? "page" : undefined}
          >
            {t.tabs[name]}
          </Link>
        ))}
      </nav>
      <Answer of={data}>
        {(page) => (
          <Suspense fallback={<Loading />}>
            {Part ? <Part queue={queue} page={page} /> : <p>{t.notFound}</p>}
          </Suspense>
        )}
      </Answer>
      {isSending && data.data && (
        <SendDialog
          queue={queue}
          functionName={data.data.settings.function_name as string | null}
          onClose={() => setSending(false)}
        />
      )}
    </>
  );
}

export interface PartProps {
  queue: string;
  page: import("../pages.js").QueuePage;
}
