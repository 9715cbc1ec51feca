/** A message that is edited as JSON, and judged by the core while it is. */
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useId, useMemo } from "react";
import { coreOf, judge, type Judgement } from "../core.js";
import { useProject } from "../project.js";
import { page } from "../rpc.js";
import type { Json } from "../pages.js";
import { Pill, Said } from "./values.js";

export type Parsed = { value: Json; problem?: undefined } | { value?: undefined; problem: string | Inexact };

/** A number was read that a browser cannot keep: what is sent would be another one. */
export class Inexact {}

export function parse(text: string): Parsed {
  try {
    const value: Json = JSON.parse(text);
    return isExact(value) ? { value } : { problem: new Inexact() };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function isExact(value: Json): boolean {
  if (typeof value === "number") return !Number.isInteger(value) || Number.isSafeInteger(value);
  return value === null || typeof value !== "object" || Object.values(value).every(isExact);
}

export function Editor({ queue, functionName, label, text, onChange }: {
  queue: string;
  functionName: string | null;
  label: string;
  text: string;
  onChange(text: string): void;
}) {
  const { t } = useProject();
  const id = useId();
  const parsed = useMemo(() => parse(text), [text]);
  return (
    <div className="editor">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        value={text}
        spellCheck={false}
        autoCapitalize="off"
        dir="ltr"
        rows={Math.min(24, Math.max(6, text.split("\n").length + 1))}
        aria-invalid={parsed.problem !== undefined}
        aria-describedby={`${id}-verdict`}
        onChange={(event) => onChange(event.target.value)}
      />
      <div id={`${id}-verdict`} className="verdict" role="status">
        {parsed.problem !== undefined
          ? <p className="bad">{parsed.problem instanceof Inexact ? t.inexact : t.notJson(parsed.problem)}</p>
          : <Verdict queue={queue} functionName={functionName} message={parsed.value} />}
      </div>
    </div>
  );
}

/** The database says what a worker would be given, and the core what it would do with it. */
export function useJudgement(queue: string, functionName: string | null, message: Json | undefined) {
  const { client } = useProject();
  const settled = useDeferredValue(message);
  return useQuery<Judgement | null, Error>({
    queryKey: ["judge", queue, functionName, settled],
    queryFn: async ({ signal }) => {
      // A pause in typing, not every letter.
      await new Promise((resolve) => setTimeout(resolve, 250));
      signal.throwIfAborted();
      const [core, { claim }] = await Promise.all([
        coreOf(functionName),
        page(client, "trial_claim", { queue, message: settled }, signal),
      ]);
      return core ? judge(core, queue, claim) : null;
    },
    enabled: settled !== undefined,
    staleTime: 30_000,
    retry: false,
    placeholderData: (before) => before,
  });
}

const TONES = { accepted: "ok", rejected: "failing", retried: "late", deferred: "late", dropped: "late" } as const;

export function Verdict(
  { queue, functionName, message }: { queue: string; functionName: string | null; message: Json },
) {
  const { t, say } = useProject();
  const { data, error, isPlaceholderData, isPending } = useJudgement(queue, functionName, message);
  if (error) return <p className="bad">{t.judgeFailed} {say(error.message)}</p>;
  if (isPending || isPlaceholderData) return <p className="faint">{t.judging}</p>;
  if (!data) return <p className="faint">{t.noCore}</p>;
  return (
    <>
      <p data-outcome={data.outcome}>
        <span className="faint">{t.judged}:</span> <Pill tone={TONES[data.outcome]}>{t.judgements[data.outcome]}</Pill>
      </p>
      {data.code && (
        <p>
          <code>{data.code}</code> <Said text={data.error} />
        </p>
      )}
      {data.causes.length > 0 && (
        <p className="faint">{t.causes}: {data.causes.map(({ kind, count }) => `${kind} × ${count}`).join(", ")}</p>
      )}
    </>
  );
}
