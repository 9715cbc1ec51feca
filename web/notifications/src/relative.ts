const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** As in “2 hours ago”. A time in the future, by a wrong clock, is now. */
export function relativeTime(at: number, now: number, language: string): string {
  const secs = Math.max(0, Math.round((now - at) / 1000));
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const [unit, length] = UNITS.find(([, length]) => secs >= length) ?? ["second", 1];
  return format.format(unit === "second" ? 0 : -Math.floor(secs / length), unit);
}
