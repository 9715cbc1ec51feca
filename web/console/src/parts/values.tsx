/** Numbers, times and JSON, as a person reads them. */
import { Fragment } from "react";
import { useProject } from "../project.js";
import { statementsOf } from "../statements.js";
import type { Json, Verdict } from "../pages.js";

const formats = new Map<string, Intl.NumberFormat>();

function format(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, known = new Intl.NumberFormat(language, options));
  return known;
}

/** A length of time in the largest unit of which there are two. */
function lengthOf(secs: number): [number, "second" | "minute" | "hour" | "day"] {
  if (secs < 120) return [secs, "second"];
  if (secs < 7200) return [secs / 60, "minute"];
  if (secs < 172_800) return [secs / 3600, "hour"];
  return [secs / 86_400, "day"];
}

export function useFormats() {
  const { language } = useProject();
  const number = (n: number, options: Intl.NumberFormatOptions = {}) => format(language, options).format(n);
  const unit = (n: number, unit: string) =>
    number(n, {
      style: "unit",
      unit,
      unitDisplay: "short",
      maximumFractionDigits: n < 10 && unit !== "second" ? 1 : 0,
    });
  return {
    number,
    percent: (n: number) => number(n, { style: "percent", maximumFractionDigits: 1 }),
    bytes: (n: number) => n < 1000 ? unit(n, "byte") : n < 1e6 ? unit(n / 1000, "kilobyte") : unit(n / 1e6, "megabyte"),
    /** A length of time. */
    secs: (n: number) => unit(...lengthOf(n)),
    /** How long ago, or in what time. */
    ago: (secs: number) => {
      const [n, unit] = lengthOf(Math.abs(secs));
      return new Intl.RelativeTimeFormat(language, { style: "short" }).format(Math.round(secs < 0 ? n : -n), unit);
    },
    time: (at: string) => new Date(at).toLocaleString(language, { dateStyle: "short", timeStyle: "medium" }),
  };
}

/** A dash stands for what is not known. */
export function Num(
  { n, of = "number" }: { n: number | null | undefined; of?: "number" | "secs" | "percent" | "bytes" },
) {
  const formats = useFormats();
  return <>{n === null || n === undefined ? "–" : formats[of](n)}</>;
}

export function Time({ at, now }: { at: string | null | undefined; now?: string }) {
  const { ago, time } = useFormats();
  if (!at) return <>–</>;
  const past = now ? (Date.parse(now) - Date.parse(at)) / 1000 : undefined;
  return (
    <time dateTime={at}>
      {time(at)}
      {past !== undefined && <span className="faint">· {ago(past)}</span>}
    </time>
  );
}

export function Pill({ tone, children }: { tone: "ok" | "late" | "failing" | "plain"; children: string }) {
  return <span className={`pill ${tone}`}>{children}</span>;
}

export function VerdictPill({ verdict }: { verdict: Verdict }) {
  const { t } = useProject();
  return <Pill tone={verdict}>{t.verdicts[verdict]}</Pill>;
}

/** A value as a tree that opens and closes. `onPick` is offered for what is found at a path. */
export function Tree({ value, name, path = [], open = true, onPick }: {
  value: Json;
  name?: string;
  path?: string[];
  open?: boolean;
  onPick?: (path: string[], value: Json) => void;
}) {
  const { t } = useProject();
  const key = name !== undefined && <span className="key">{name}:</span>;
  if (value === null || typeof value !== "object") {
    return (
      <div className="leaf">
        {key}
        <span className={value === null ? "null" : typeof value} dir="auto">{JSON.stringify(value)}</span>
        {onPick && path.length > 0 && (
          <button
            type="button"
            className="icon"
            aria-label={`${t.filterByThis}: ${path.join(".")}`}
            title={t.filterByThis}
            onClick={() => onPick(path, value)}
          >
            ⌕
          </button>
        )}
      </div>
    );
  }
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((item, i) => [`${i}`, item])
    : Object.entries(value);
  const [start, end] = Array.isArray(value) ? "[]" : "{}";
  if (entries.length === 0) return <div className="leaf">{key}{start}{end}</div>;
  return (
    <details open={open} className="tree">
      <summary>
        {key}
        {start}
        <span className="faint">{entries.length}</span>
        {end}
      </summary>
      {entries.map(([name, item]) => (
        <Tree key={name} name={name} value={item} path={[...path, name]} open={path.length < 2} onPick={onPick} />
      ))}
    </details>
  );
}

export function Remedy({ reason, remedy }: { reason: string | null; remedy: string | null }) {
  const { t, say } = useProject();
  if (!reason && !remedy) return null;
  return (
    <div className="remedy">
      {reason && <p>{say(reason)}</p>}
      {remedy && (
        <p>
          <span className="faint">{t.remedy}:</span> <WithStatements text={say(remedy)} />
        </p>
      )}
    </div>
  );
}

/** Each statement can be copied, without what is said about it. */
function WithStatements({ text }: { text: string }) {
  const statements = statementsOf(text);
  const parts = statements[0] === text ? ["", text] : text.split("`");
  return parts.map((part, i) =>
    i % 2 === 0 ? part : (
      <Fragment key={i}>
        <code>{part}</code>
        {statements.includes(part) && (
          <>
            {" "}
            <Copy text={part} />
          </>
        )}
      </Fragment>
    )
  );
}

/** What the database or the core says. What it says in English, by which it is found, is its title. */
export function Said({ text }: { text: string | null | undefined }) {
  const { say } = useProject();
  if (!text) return "–";
  const said = say(text);
  return <span dir="auto" title={said === text ? undefined : text}>{said}</span>;
}

/** A code, in words. */
export function useWords(): (code: string) => string {
  const { t } = useProject();
  return (code) => t.codes[code] ?? code.replaceAll("_", " ");
}

export function Copy({ text }: { text: string }) {
  const { t } = useProject();
  return (
    <button
      type="button"
      className="small"
      onClick={async ({ currentTarget: button }) => {
        await navigator.clipboard.writeText(text);
        button.textContent = t.copied;
        setTimeout(() => button.textContent = t.copy, 1500);
      }}
    >
      {t.copy}
    </button>
  );
}
