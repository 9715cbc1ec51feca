/** Numbers, times and JSON, as a person reads them. */
import { useProject } from "../project.js";
import type { Json, Verdict } from "../pages.js";

const formats = new Map<string, Intl.NumberFormat>();

function format(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let known = formats.get(key);
  if (!known) formats.set(key, known = new Intl.NumberFormat(language, options));
  return known;
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
    secs: (n: number) =>
      n < 120
        ? unit(n, "second")
        : n < 7200
        ? unit(n / 60, "minute")
        : n < 172_800
        ? unit(n / 3600, "hour")
        : unit(n / 86_400, "day"),
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
  const { secs, time } = useFormats();
  const { t } = useProject();
  if (!at) return <>–</>;
  const ago = now ? (Date.parse(now) - Date.parse(at)) / 1000 : undefined;
  return (
    <time dateTime={at}>
      {time(at)}
      {ago !== undefined && (
        <span className="faint">· {ago >= 0 ? `${secs(ago)} ${t.ago}` : `${t.in} ${secs(-ago)}`}</span>
      )}
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
  const { t } = useProject();
  if (!reason && !remedy) return null;
  return (
    <div className="remedy">
      {reason && <p>{reason}</p>}
      {remedy && (
        <p>
          <span className="faint">{t.remedy}:</span> <code>{remedy}</code> <Copy text={remedy} />
        </p>
      )}
    </div>
  );
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
