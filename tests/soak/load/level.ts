/** Whether what was measured during a long run levels off: the end of the run is compared with its middle. */
import type { Figures } from "./figures.ts";

/** Tables whose rows are removed within minutes, so that their size follows the traffic and not the time. */
const SHORT_LIVED = /^pgmq\.q_.*(?<!_dlq)$|^queues\.(due|failures|marks|message_keys|settlements)$|^net\./;

const TOLERANCE = 1.5;
/** What a few more pages, or a buffer, may add to something small. */
const SLACK_BYTES = 2_000_000;
const SLACK_MB = 30;
/** Fewer rows say nothing about the bytes of each. */
const FEW_ROWS = 1000;

/** What does not level off, in words. */
export function growing(samples: Figures[]): string[] {
  const third = Math.floor(samples.length / 3);
  const [middle, end] = [samples.slice(third, 2 * third), samples.slice(-third)] as const;
  const found: string[] = [];
  const compare = (what: string, of: (figures: Figures) => number, slack: number) => {
    const [before, after] = [middle, end].map((figures) => Math.max(...figures.map(of))) as [number, number];
    if (after > before * TOLERANCE + slack) found.push(`${what} grew from ${before.toFixed(1)} to ${after.toFixed(1)}`);
  };
  for (const name of Object.keys(end[0]?.memory ?? {})) {
    compare(`the memory of ${name} in MB`, ({ memory }) => memory[name] ?? 0, SLACK_MB);
  }
  for (const { name } of end[0]?.tables ?? []) {
    const table = ({ tables }: Figures) => tables.find((table) => table.name === name)!;
    const bytes = (figures: Figures) => table(figures).bytes + table(figures).indexBytes;
    if (SHORT_LIVED.test(name)) compare(`the bytes of ${name}`, bytes, SLACK_BYTES);
    else if (table(middle[0]!).live > FEW_ROWS) {
      compare(`the bytes of each row of ${name}`, (figures) => bytes(figures) / table(figures).live, 0);
    }
  }
  return found;
}
