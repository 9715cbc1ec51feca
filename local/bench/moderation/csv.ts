/** Reads CSV (RFC 4180) with a header: an object for each row. */
export function parse(csv: string): Record<string, string>[] {
  const [header, ...rows] = records(csv);
  return rows.map((row) => Object.fromEntries(header!.map((name, index) => [name, row[index] ?? ""])));
}

function records(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, field, end] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(field!.startsWith('"') ? field!.slice(1, -1).replaceAll('""', '"') : field!);
    if (end !== ",") rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}
