import { useProject } from "../project.js";
import type { Series } from "../pages.js";

const WIDTH = 160;
const HEIGHT = 32;

/** What was processed and what failed, over the steps of a series. */
export function Sparkline({ queue, series }: { queue: string; series: Series }) {
  const { t } = useProject();
  const failed = series.retried.map((n, i) => (n ?? 0) + (series.dead_lettered[i] ?? 0) + (series.expired[i] ?? 0));
  const processed = series.processed.map((n) => n ?? 0);
  if (series.at.length < 2) return <span className="faint spark-none">{t.noSamples}</span>;
  const top = Math.max(1, ...processed, ...failed);
  const [from, until] = [series.at[0]!, series.at.at(-1)!];
  const line = (values: number[]) =>
    values.map((n, i) => {
      const x = (series.at[i]! - from) / (until - from) * WIDTH;
      return `${i ? "L" : "M"}${x.toFixed(1)} ${(HEIGHT - 1 - n / top * (HEIGHT - 3)).toFixed(1)}`;
    }).join("");
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t.sparkline(queue, sum(processed), sum(failed))}
    >
      <path className="area" d={`${line(processed)}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`} />
      <path className="line" d={line(processed)} vectorEffect="non-scaling-stroke" />
      {failed.some((n) => n > 0) && <path className="line failed" d={line(failed)} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}
