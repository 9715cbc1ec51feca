/** Writes the type `Database` of supabase-js: the functions and tables of schema public. */
import type connect from "postgres";

const SQL = new URL("types.sql", import.meta.url);

interface Field {
  name: string;
  type: string;
  optional?: boolean;
  nullable?: boolean;
  generated?: boolean;
}

interface Row {
  kind: "function" | "table";
  name: string;
  comment: string | null;
  fields: Field[];
  columns: Field[] | null;
  returns: string | null;
  returns_set: boolean | null;
}

const TYPES: Record<string, string> = {
  boolean: "boolean",
  smallint: "number",
  integer: "number",
  bigint: "number",
  real: "number",
  "double precision": "number",
  numeric: "number",
  json: "Json",
  jsonb: "Json",
  void: "undefined",
};

export async function databaseTypes(sql: connect.Sql): Promise<string> {
  const rows = await sql.unsafe<Row[]>(await Deno.readTextFile(SQL));
  const of = (kind: Row["kind"]) => rows.filter((row) => row.kind === kind);
  return `// Written by \`make types\` from the migrations. What functions answer as JSON is described in results.ts.
import type { Json, Result } from "./results.js";

export type Database = {
  public: {
    Tables: {
${of("table").map(table).join("")}    };
    Views: Record<never, never>;
    Functions: {
${of("function").map(functionType).join("")}    };
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
};
`;
}

function table({ name, comment, fields }: Row): string {
  const insertable = fields.filter(({ generated }) => !generated);
  return `${doc(comment)}      ${name}: {
        Row: { ${members(fields.map((field) => ({ ...field, optional: false })))} };
        Insert: { ${members(insertable)} };
        Update: { ${members(insertable.map((field) => ({ ...field, optional: true })))} };
        Relationships: [];
      };
`;
}

function functionType({ name, comment, fields, columns, returns, returns_set }: Row): string {
  const args = fields.length === 0 ? "Record<never, never>" : `{ ${members(fields.map(argument))} }`;
  return `${doc(comment)}      ${name}: {
        Args: ${args};
        Returns: ${answer(name, returns!, columns, returns_set!)};
      };
`;
}

/** What has a default may be null as well: the functions treat both alike, or say what they reject. */
function argument(field: Field): Field {
  return { ...field, nullable: field.optional };
}

function answer(name: string, returns: string, columns: Field[] | null, set: boolean): string {
  if (columns && set) return `{ ${members(columns)} }[]`;
  if (columns) return `{ ${members(columns)} }`;
  const type = typeOf(returns);
  const one = type === "Json" ? `Result<"${name}">` : type;
  return set ? `${one}[]` : one;
}

function members(fields: Field[]): string {
  return fields.map(({ name, type, optional, nullable }) =>
    `${name}${optional ? "?" : ""}: ${typeOf(type)}${nullable ? " | null" : ""}`
  ).join("; ");
}

function typeOf(type: string): string {
  return type.endsWith("[]") ? `${typeOf(type.slice(0, -2))}[]` : TYPES[type] ?? "string";
}

function doc(comment: string | null): string {
  return comment ? `      /** ${comment.replaceAll("*/", "*\\/")} */\n` : "";
}
