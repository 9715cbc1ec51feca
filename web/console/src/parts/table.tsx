import type { ReactNode } from "react";

export interface Column<Item> {
  name: string;
  cell(item: Item): ReactNode;
  /** Aligned to the right, as numbers are. */
  isNumber?: boolean;
}

/** Rows with named columns; on a phone each row is a card with the names beside the values. */
export function Table<Item>({ label, columns, items, keyOf }: {
  label: string;
  columns: Column<Item>[];
  items: Item[];
  keyOf(item: Item): string | number;
}) {
  return (
    <table aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, isNumber }) => <th key={name} scope="col" className={isNumber ? "n" : ""}>{name}</th>)}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={keyOf(item)}>
            {columns.map(({ name, cell, isNumber }) => (
              <td key={name} data-name={name} className={isNumber ? "n" : ""}>
                <div>{cell(item)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
