/** The settings of a queue, with the bounds that its table has; a change is shown before it is made, and can be undone. */
import { useState } from "react";
import { ActionDialog } from "../parts/action.js";
import { Table } from "../parts/table.js";
import { useFormats } from "../parts/values.js";
import { drafts } from "../preferences.js";
import { useProject } from "../project.js";
import { operate } from "../rpc.js";
import type { Bound, Settings as Values } from "../pages.js";
import type { PartProps } from "./queue.js";

type Value = number | boolean | string | null;

export default function Settings({ queue, page: { settings, bounds } }: PartProps) {
  const { client, t } = useProject();
  const key = `settings ${queue}`;
  const [edits, setEdits] = useState<Record<string, string | boolean>>(() => JSON.parse(drafts.read(key) ?? "{}"));
  const [isOpen, setOpen] = useState(false);
  const edit = (next: Record<string, string | boolean>) => {
    setEdits(next);
    if (Object.keys(next).length) drafts.keep(key, JSON.stringify(next));
    else drafts.drop(key);
  };
  const changes = changesOf(edits, settings);
  const names = Object.keys(bounds);
  const count = Object.keys(changes).length;
  const expected = Object.fromEntries(Object.keys(changes).map((name) => [name, settings[name] ?? null]));
  return (
    <>
      <form
        className="settings"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (count) setOpen(true);
        }}
      >
        {names.map((name) => (
          <Setting
            key={name}
            name={name}
            bound={bounds[name]!}
            value={edits[name] ?? asText(settings[name] ?? null)}
            isEdited={name in changes}
            onChange={(value) => {
              const { [name]: _, ...others } = edits;
              edit(value === asText(settings[name] ?? null) ? others : { ...others, [name]: value });
            }}
          />
        ))}
        <div className="buttons sticky">
          <button type="submit" className="main" disabled={!count}>{t.save}{count ? ` (${count})` : ""}</button>
          <button type="button" disabled={!count} onClick={() => edit({})}>{t.reset}</button>
          {count > 0 && <span className="faint" role="status">{t.settingsKept}</span>}
        </div>
      </form>
      {isOpen && (
        <ActionDialog
          action="change_settings"
          args={{ queue, changes, expected }}
          of={queue}
          onClose={() => setOpen(false)}
          onDone={() => edit({})}
          undo={async ({ before, after }) => {
            await operate(client, "change_settings", { queue, changes: before, expected: after }, false);
          }}
        >
          <Difference before={settings} after={changes} />
        </ActionDialog>
      )}
    </>
  );
}

export function Difference({ before, after }: { before: Record<string, unknown>; after: Record<string, unknown> }) {
  const { t } = useProject();
  return (
    <Table
      label={t.arguments}
      items={Object.entries(after)}
      keyOf={([name]) => name}
      columns={[
        { name: t.setting, cell: ([name]) => <code>{name}</code> },
        { name: t.now_, cell: ([name]) => <del>{JSON.stringify(before[name] ?? null)}</del> },
        { name: t.then, cell: ([, value]) => <ins>{JSON.stringify(value)}</ins> },
      ]}
    />
  );
}

function Setting({ name, bound, value, isEdited, onChange }: {
  name: string;
  bound: Bound;
  value: string | boolean;
  isEdited: boolean;
  onChange(value: string | boolean): void;
}) {
  const { t } = useProject();
  const { number } = useFormats();
  const limits = [
    bound.min !== null || bound.max !== null ? t.bounds(edge(bound.min, number), edge(bound.max, number)) : "",
    t.default(
      bound.default === null
        ? t.none
        : typeof bound.default === "boolean"
        ? (bound.default ? t.yes : t.no)
        : number(bound.default),
    ),
    bound.nullable ? t.empty_ : "",
  ].filter(Boolean).join(" · ");
  return (
    <div className={`setting ${isEdited ? "edited" : ""}`}>
      {bound.type === "boolean"
        ? (
          <label className="check">
            <input
              type="checkbox"
              checked={value === true}
              aria-describedby={`about-${name}`}
              onChange={(e) => onChange(e.target.checked)}
            />
            <code>{name}</code>
          </label>
        )
        : (
          <label>
            <code>{name}</code>
            <input
              inputMode="numeric"
              value={String(value)}
              aria-describedby={`about-${name}`}
              onChange={(e) => onChange(e.target.value)}
            />
          </label>
        )}
      <p id={`about-${name}`} className="faint">
        {limits}
        {bound.means && (
          <>
            <br />
            <span lang="en">{bound.means}</span>
          </>
        )}
      </p>
    </div>
  );
}

function edge(n: number | null, number: (n: number) => string): string {
  return n === null ? "…" : number(n);
}

function asText(value: Value): string | boolean {
  return typeof value === "boolean" ? value : value === null ? "" : String(value);
}

/** What was typed, as JSON; what is not a number is sent as it is, for the database to refuse. */
function changesOf(edits: Record<string, string | boolean>, settings: Values): Record<string, Value> {
  const values = Object.entries(edits).map(([name, value]): [string, Value] => [
    name,
    typeof value === "boolean"
      ? value
      : value.trim() === ""
      ? null
      : Number.isFinite(Number(value))
      ? Number(value)
      : value,
  ]);
  return Object.fromEntries(values.filter(([name, value]) => value !== settings[name]));
}
