import type { ReactNode } from "react";
import { useProject } from "../project.js";
import { address, go, type Query, useRoute } from "../route.js";

/** A filter whose fields are kept in the address, under their names. */
export function Form({ label, submit, children, onSubmit }: {
  label: string;
  submit: string;
  children: ReactNode;
  onSubmit(fields: Query): void;
}) {
  const { t } = useProject();
  const { path, query } = useRoute();
  return (
    <form
      // What somebody else puts into the address is shown in the fields.
      key={query.toString()}
      className="filter"
      role="search"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({
          ...Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>,
          before: null,
          after: null,
        });
      }}
    >
      {children}
      <div className="buttons">
        <button type="submit">{submit}</button>
        {query.size > 0 && <button type="button" onClick={() => go(address(path))}>{t.clear}</button>}
      </div>
    </form>
  );
}

/** One of `names`, or any. */
export function Choice({ name, label, names }: { name: string; label: string; names: Record<string, string> }) {
  const { t } = useProject();
  const { query } = useRoute();
  return (
    <label>
      {label}
      <select name={name} defaultValue={query.get(name) ?? ""}>
        <option value="">{t.any}</option>
        {Object.entries(names).map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

export function Text({ name, label }: { name: string; label: string }) {
  const { query } = useRoute();
  return (
    <label>
      {label}
      <input name={name} defaultValue={query.get(name) ?? ""} maxLength={200} autoComplete="off" />
    </label>
  );
}

/** The fields of the address that are arguments of the page. */
export function argumentsOf(query: URLSearchParams, names: string[]): Record<string, string> {
  return Object.fromEntries(
    [...names, "before"].map((name) => [name, query.get(name) ?? ""]).filter(([, value]) => value),
  );
}
