/** Readable tables on the terminal. */
const FIRST = 34;
const WIDTH = 20;

/** Begins a table. */
export function heading(title: string, columns: string[]): void {
  console.log(`\n${title}`);
  row("", columns);
}

export function row(name: string, cells: string[]): void {
  console.log(name.padEnd(FIRST) + cells.map((cell) => cell.padStart(WIDTH)).join(""));
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
