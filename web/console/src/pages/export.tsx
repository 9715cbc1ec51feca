import { useRef, useState } from "react";
import { useNotify } from "../parts/notices.js";
import { useProject } from "../project.js";
import { CallError, page } from "../rpc.js";
import type { Filter } from "../parts/filter.js";

const READ = 500;
const COLUMNS = ["msg_id", "dead_lettered_at", "reason", "field", "error", "message", "details"] as const;

/** All dead letters that match, as a file. */
export function Export({ queue, filter, disabled }: { queue: string; filter: Filter; disabled: boolean }) {
  const { client, t } = useProject();
  const notify = useNotify();
  const [count, setCount] = useState<number>();
  const stopping = useRef<AbortController>(undefined);
  const run = async () => {
    const { signal } = stopping.current = new AbortController();
    const lines = [COLUMNS.join(",")];
    try {
      for (let after: number | null = 0; after !== null && !signal.aborted;) {
        setCount(lines.length - 1);
        const letters: Awaited<ReturnType<typeof page<"dead_letters">>> = await page(
          client,
          "dead_letters",
          { queue, filter, limit: READ, after },
          signal,
        );
        for (const letter of letters.items) lines.push(COLUMNS.map((column) => cell(letter[column])).join(","));
        after = letters.next;
      }
      download(`${queue}.dead_letters.csv`, lines.join("\r\n"));
      notify({ text: t.exporting(lines.length - 1) });
    } catch (error) {
      if (!signal.aborted) notify({ text: error instanceof CallError ? error.message : `${error}` });
    } finally {
      setCount(undefined);
    }
  };
  if (count !== undefined) {
    return <button type="button" onClick={() => stopping.current?.abort()}>{t.stop} · {t.exporting(count)}</button>;
  }
  return <button type="button" disabled={disabled} onClick={run}>{t.exportCsv}</button>;
}

/** A spreadsheet takes what begins with one of these signs for a formula. */
function cell(value: unknown): string {
  const text = value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  return `"${text.replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`;
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
