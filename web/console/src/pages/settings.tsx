/** The settings of a queue, with the bounds that its table has; a change is shown before it is made, and can be undone. */
import { useRef, useState } from "react";
import { ActionDialog } from "../parts/action.js";
import { Table } from "../parts/table.js";
import { useFormats } from "../parts/values.js";
import { drafts } from "../preferences.js";
import { useProject } from "../project.js";
import { operate } from "../rpc.js";
import type { Bound } from "../pages.js";
import type { Texts } from "../texts/en.js";
import type { PartProps } from "./queue.js";

type Value = number | boolean | string | null;

/** What is typed, and what the setting was when that began: somebody else may have changed it since. */
interface Edit {
  text: string | boolean;
  was: Value;
}

export default function Settings({ queue, page: { settings, bounds } }: PartProps) {
  const { client, t } = useProject();
  const key = `edited settings ${queue}`;
  const [edits, setEdits] = useState<Record<string, Edit>>(() => JSON.parse(drafts.read(key) ?? "{}"));
  const [isOpen, setOpen] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const edit = (next: Record<string, Edit>) => {
    setEdits(next);
    if (Object.keys(next).length) drafts.keep(key, JSON.stringify(next));
    else drafts.drop(key);
  };
  const names = Object.keys(bounds);
  const changed = Object.entries(edits).filter(([name, { text }]) => valueOf(text) !== settings[name]);
  const changes = Object.fromEntries(changed.map(([name, { text }]) => [name, valueOf(text)]));
  const expected = Object.fromEntries(changed.map(([name, { was }]) => [name, was]));
  const count = changed.length;
  return (
    <>
      <form
        ref={form}
        className="settings"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const invalid = form.current!.querySelector<HTMLElement>("[aria-invalid=true]");
          if (invalid) invalid.focus();
          else if (count) setOpen(true);
        }}
      >
        {names.map((name) => {
          const { [name]: edited, ...others } = edits;
          const setting = settings[name] ?? null;
          return (
            <Setting
              key={name}
              name={name}
              bound={bounds[name]!}
              text={edited?.text ?? asText(setting)}
              isEdited={name in changes}
              theirs={edited && name in changes && edited.was !== setting ? { value: setting } : undefined}
              onChange={(text) =>
                edit(text === asText(setting) ? others : { ...others, [name]: { text, was: edited?.was ?? setting } })}
              onKeep={() => edit({ ...others, [name]: { text: edited!.text, was: setting } })}
              onTake={() => edit(others)}
            />
          );
        })}
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

function Setting({ name, bound, text, isEdited, theirs, onChange, onKeep, onTake }: {
  name: string;
  bound: Bound;
  text: string | boolean;
  isEdited: boolean;
  /** What somebody else has set meanwhile. */
  theirs: { value: Value } | undefined;
  onChange(text: string | boolean): void;
  onKeep(): void;
  onTake(): void;
}) {
  const { t, say } = useProject();
  const { number } = useFormats();
  const shown = (value: Value) =>
    typeof value === "number" ? number(value) : value === null ? t.none : value === true ? t.yes : t.no;
  const limits = [
    bound.min !== null || bound.max !== null ? t.bounds(edge(bound.min, number), edge(bound.max, number)) : "",
    t.default(shown(bound.default)),
    bound.nullable ? t.empty_ : "",
  ].filter(Boolean).join(" · ");
  const problem = isEdited ? problemOf(text, bound, t, number) : undefined;
  const described = {
    "aria-describedby": `about-${name}`,
    "aria-invalid": problem !== undefined || theirs !== undefined,
  };
  return (
    <div className={`setting ${isEdited ? "edited" : ""}`}>
      {bound.type === "boolean"
        ? (
          <label className="check">
            <input
              type="checkbox"
              checked={text === true}
              onChange={(e) => onChange(e.target.checked)}
              {...described}
            />
            <code>{name}</code>
          </label>
        )
        : (
          <label>
            <code>{name}</code>
            <input
              inputMode="numeric"
              value={String(text)}
              onChange={(e) => onChange(e.target.value)}
              {...described}
            />
          </label>
        )}
      <div id={`about-${name}`}>
        {problem && <p role="alert" className="bad">{problem}</p>}
        {theirs && <p role="alert" className="bad">{t.changedMeanwhile(shown(theirs.value))}</p>}
        <p className="faint">
          {limits}
          {bound.means && (
            <>
              <br />
              {say(bound.means)}
            </>
          )}
        </p>
      </div>
      {theirs && (
        <div className="buttons">
          <button type="button" onClick={onKeep}>{t.keepMine}</button>
          <button type="button" onClick={onTake}>{t.takeTheirs}</button>
        </div>
      )}
    </div>
  );
}

/** Why the database would refuse it, by the bounds that it gave. */
function problemOf(
  text: string | boolean,
  { nullable, min, max }: Bound,
  t: Texts,
  number: (n: number) => string,
): string | undefined {
  const value = valueOf(text);
  if (typeof value === "boolean") return undefined;
  if (value === null) return nullable ? undefined : t.needsValue;
  if (typeof value === "string" || !Number.isInteger(value)) return t.notWhole;
  const isOut = (min !== null && value < min) || (max !== null && value > max);
  return isOut ? t.outOfBounds(edge(min, number), edge(max, number)) : undefined;
}

function edge(n: number | null, number: (n: number) => string): string {
  return n === null ? "…" : number(n);
}

function asText(value: Value): string | boolean {
  return typeof value === "boolean" ? value : value === null ? "" : String(value);
}

/** What was typed, as JSON; what is not a number stays as it is. */
function valueOf(text: string | boolean): Value {
  if (typeof text === "boolean") return text;
  if (text.trim() === "") return null;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
