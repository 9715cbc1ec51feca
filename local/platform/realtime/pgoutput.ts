/** Reads what Postgres's output plugin `pgoutput` says of committed rows, in version 1 of its protocol. */

export interface RowChange {
  type: "INSERT" | "UPDATE" | "DELETE";
  schema: string;
  table: string;
  /** As text. Of a deleted row only its key. */
  row: Record<string, string | null>;
  /** The columns of the key. */
  key: string[];
  committedAt: Date;
}

interface Relation {
  schema: string;
  table: string;
  columns: { name: string; isKey: boolean }[];
}

const TYPES = { I: "INSERT", U: "UPDATE", D: "DELETE" } as const;

/** The changes of one read of a slot, which describes each table before its first row. */
export function rowChanges(messages: Uint8Array[]): RowChange[] {
  const relations = new Map<number, Relation>();
  let committedAt = new Date(0);
  const changes: RowChange[] = [];
  for (const bytes of messages) {
    const read = new Reader(bytes);
    const kind = read.char();
    if (kind === "B") {
      read.skip(8);
      committedAt = new Date(Date.UTC(2000, 0, 1) + Number(read.int64() / 1000n));
    } else if (kind === "R") {
      relations.set(read.int32(), relation(read));
    } else if (kind === "I" || kind === "U" || kind === "D") {
      const { schema, table, columns } = relations.get(read.int32())!;
      let part = read.char();
      let row = tuple(read, columns);
      // An update may have the old key or row in front.
      if (kind === "U" && part !== "N") {
        part = read.char();
        row = tuple(read, columns);
      }
      const key = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
      if (kind === "D") row = Object.fromEntries(key.map((name) => [name, row[name] ?? null]));
      changes.push({ type: TYPES[kind], schema, table, row, key, committedAt });
    }
  }
  return changes;
}

function relation(read: Reader): Relation {
  const [schema, table] = [read.text(), read.text()];
  read.skip(1);
  const columns = [];
  for (let left = read.int16(); left > 0; left--) {
    const isKey = read.char() === "\x01";
    columns.push({ name: read.text(), isKey });
    read.skip(8);
  }
  return { schema, table, columns };
}

/** Leaves out values that are stored elsewhere and did not change. */
function tuple(read: Reader, columns: Relation["columns"]): RowChange["row"] {
  const row: RowChange["row"] = {};
  const count = read.int16();
  for (const { name } of columns.slice(0, count)) {
    const kind = read.char();
    if (kind === "n") row[name] = null;
    else if (kind === "t") row[name] = read.string(read.int32());
  }
  return row;
}

class Reader {
  #at = 0;
  #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  char(): string {
    return String.fromCharCode(this.bytes[this.#at++]!);
  }

  int16(): number {
    return this.#view.getInt16((this.#at += 2) - 2);
  }

  int32(): number {
    return this.#view.getInt32((this.#at += 4) - 4);
  }

  int64(): bigint {
    return this.#view.getBigInt64((this.#at += 8) - 8);
  }

  string(length: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.#at, this.#at += length));
  }

  /** Up to a null byte. */
  text(): string {
    const text = this.string(this.bytes.indexOf(0, this.#at) - this.#at);
    this.skip(1);
    return text;
  }
}
