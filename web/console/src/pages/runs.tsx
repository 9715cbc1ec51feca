import { More, usePlace } from "../parts/more.js";
import { Answer } from "../parts/answer.js";
import { Table } from "../parts/table.js";
import { Num, Pill, Said, Time, useWords } from "../parts/values.js";
import { usePage, useProject } from "../project.js";
import type { PartProps } from "./queue.js";

const REFRESH_MS = 10_000;
const TONES: Record<string, "ok" | "late" | "failing" | "plain"> = {
  accepted: "ok",
  refused: "failing",
  timed_out: "failing",
  failed: "failing",
  missing: "late",
  not_sent: "failing",
  killed: "failing",
  active: "late",
  claim_failed: "failing",
  settle_failed: "failing",
};

export function Runs({ queue }: PartProps) {
  const { t } = useProject();
  const words = useWords();
  const place = usePlace();
  const runs = usePage("runs", { queue, ...place }, { refreshMs: REFRESH_MS, keep: true });
  return (
    <Answer of={runs}>
      {({ items, next, now }) => (
        <>
          {items.length === 0 ? <p className="empty">{t.noRuns}</p> : (
            <Table
              label={t.tabs.runs}
              items={items}
              keyOf={({ id }) => id}
              columns={[
                { name: t.lastSeen, cell: (run) => <Time at={run.last_seen_at} now={now} /> },
                {
                  name: t.outcome,
                  cell: ({ outcome }) => <Pill tone={TONES[outcome] ?? "plain"}>{words(outcome)}</Pill>,
                },
                { name: t.claimed, cell: (run) => <Num n={run.claimed} />, isNumber: true },
                { name: t.processed, cell: (run) => <Num n={run.processed} />, isNumber: true },
                { name: t.retried, cell: (run) => <Num n={run.retried} />, isNumber: true },
                { name: t.deadLettered, cell: (run) => <Num n={run.dead_lettered} />, isNumber: true },
                { name: t.lost, cell: (run) => <Num n={run.lost} />, isNumber: true },
                { name: t.batches, cell: (run) => <Num n={run.batches} />, isNumber: true },
                {
                  name: t.error,
                  cell: ({ error_code, error }) =>
                    error
                      ? (
                        <span className="long">
                          <code>{error_code}</code> <Said text={error} />
                        </span>
                      )
                      : "–",
                },
                { name: t.run, cell: ({ id }) => <code className="faint">{id.slice(0, 8)}</code> },
              ]}
            />
          )}
          <More next={next} />
        </>
      )}
    </Answer>
  );
}

export function Calls({ queue }: PartProps) {
  const { t } = useProject();
  const words = useWords();
  const place = usePlace();
  const calls = usePage("dispatches", { queue, ...place }, { refreshMs: REFRESH_MS, keep: true });
  return (
    <Answer of={calls}>
      {({ items, next, now }) => (
        <>
          {items.length === 0 ? <p className="empty">{t.noCalls}</p> : (
            <Table
              label={t.tabs.calls}
              items={items}
              keyOf={({ id }) => id}
              columns={[
                { name: t.requested, cell: (call) => <Time at={call.requested_at} now={now} /> },
                {
                  name: t.outcome,
                  cell: ({ outcome }) => (
                    <Pill tone={TONES[outcome ?? ""] ?? "plain"}>{outcome ? words(outcome) : t.openCall}</Pill>
                  ),
                },
                { name: t.status, cell: ({ status_code }) => status_code ?? "–", isNumber: true },
                {
                  name: t.error,
                  cell: ({ error }) => (
                    <span className="long">
                      <Said text={error} />
                    </span>
                  ),
                },
              ]}
            />
          )}
          <More next={next} />
        </>
      )}
    </Answer>
  );
}
