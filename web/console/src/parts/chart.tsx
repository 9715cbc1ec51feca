import { useEffect, useRef, useState } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Lines, Measure } from "../pages/charts.js";
import type { Series } from "../pages.js";
import { THEME_CHANGED } from "../preferences.js";
import { useProject } from "../project.js";
import { useFormats } from "./values.js";

const HEIGHT = 180;

export default function Chart(
  { title, series, lines, right }: { title: string; series: Series; lines: Lines; right?: string },
) {
  const { t } = useProject();
  const { number } = useFormats();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const theme = useTheme();
  const names = Object.keys(lines) as Measure[];
  const last = names.map((name) => [t.series[name], series[name].at(-1)] as const);

  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(element);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--sn-faint"),
      grid: { stroke: color("--sn-line"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui",
    };
    const made = new UPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        scales: {
          y: { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] },
          right: { range: (_, _min, max) => [0, Math.max(1, max * 1.1)] },
        },
        axes: [
          {
            ...axis,
            space: 70,
            values: [
              [3600, "{HH}:{mm}", null, null, null, null, null, null, 1],
              [60, "{HH}:{mm}", null, null, null, null, null, null, 1],
              [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1],
            ],
          },
          { ...axis, size: 48, values: (_, ticks) => ticks.map((tick) => number(tick, { notation: "compact" })) },
          ...(right ? [{ ...axis, scale: "right", side: 1 as const, size: 48, grid: { show: false } }] : []),
        ],
        series: [
          {
            label: t.at,
            value: (_, at) => at === null ? "" : new Date(at * 1000).toLocaleTimeString(document.documentElement.lang),
          },
          ...names.map((name) => ({
            label: t.series[name],
            stroke: color(`--c${lines[name]}`),
            width: 1.5,
            scale: name === right ? "right" : "y",
            points: { show: series.at.length < 2 },
            value: (_: UPlot, n: number | null) => n === null ? "–" : number(n, { maximumFractionDigits: 2 }),
          })),
        ],
      },
      [series.at, ...names.map((name) => series[name])] as UPlot.AlignedData,
      element,
    );
    chart.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
    // The data of later answers are set below.
    // deno-lint-ignore react-rules-of-hooks
  }, [theme, title]);

  useEffect(() => chart.current?.setData([series.at, ...names.map((name) => series[name])] as UPlot.AlignedData), [
    series,
  ]);

  return (
    <figure className="chart card">
      <figcaption>{title}</figcaption>
      <div
        ref={place}
        role="img"
        aria-label={`${title}. ${t.now}: ${
          last.map(([name, n]) => `${name} ${n === null || n === undefined ? "–" : number(n)}`).join(", ")
        }`}
      />
    </figure>
  );
}

/** Changes when the colors do. */
function useTheme(): string {
  const read = () => `${document.documentElement.dataset.theme} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  const [theme, setTheme] = useState(read);
  useEffect(() => {
    const changed = () => setTheme(read());
    const system = matchMedia("(prefers-color-scheme: dark)");
    addEventListener(THEME_CHANGED, changed);
    system.addEventListener("change", changed);
    return () => {
      removeEventListener(THEME_CHANGED, changed);
      system.removeEventListener("change", changed);
    };
  }, []);
  return theme;
}
