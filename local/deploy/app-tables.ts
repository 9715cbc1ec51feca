/** The tables of the app that the SQL reads: a table that exists already must have these columns, of types that will do. */
import type connect from "postgres";
import type { Problem } from "./problem.ts";

const uuid = ["uuid"];
const text = ["text", "varchar", "citext"];
const boolean = ["bool"];
const time = ["time"];
// Not smallint: a popular post has more likes than it can count.
const number = ["int8", "int4", "numeric"];

interface Column {
  /** Names as in pg_type; the first one is what the migrations create. */
  types: string[];
  /** The longest value that is written, in characters. */
  longest?: number;
  /** The migrations add it where it is missing. */
  added?: true;
}

/** A test holds these against supabase/schemas/10_app. */
export const appTables: Record<string, Record<string, Column>> = {
  profiles: {
    id: { types: uuid },
    username: { types: text },
    push_token: { types: text, added: true },
    email_notifications: { types: boolean, added: true },
    push_notifications: { types: boolean, added: true },
    language: { types: text, added: true },
    time_zone: { types: text, added: true },
    quiet_from: { types: time, added: true },
    quiet_until: { types: time, added: true },
  },
  posts_new: {
    id: { types: uuid },
    profile_id: { types: uuid },
    caption: { types: text },
    likes: { types: number },
  },
  post_ratings: {
    post_id: { types: uuid },
    session_id: { types: text, longest: 128 },
    profile_id: { types: uuid, added: true },
  },
};

interface Found {
  relation: string;
  kind: string;
  name: string | null;
  type: string | null;
  /** Of `varchar(n)`. */
  length: number | null;
  computed: boolean;
  required: boolean;
}

export async function appTableProblems(sql: connect.Sql): Promise<Problem[]> {
  const found = await sql<Found[]>`
    select c.relname as relation, c.relkind as kind, a.attname as name, coalesce(b.typname, t.typname) as type,
      case when coalesce(b.typname, t.typname) = 'varchar' then
        nullif(greatest(a.atttypmod, case when t.typtype = 'd' then t.typtypmod else -1 end), -1) - 4 end as length,
      a.attgenerated <> '' as computed,
      (a.attnotnull or t.typnotnull) and not a.atthasdef and a.attidentity = '' and t.typdefault is null as required
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_type t on t.oid = a.atttypid
    left join pg_type b on b.oid = nullif(t.typbasetype, 0)
    where c.relnamespace = 'public'::regnamespace and c.relname in ${sql(Object.keys(appTables))}`;
  return Object.entries(appTables).flatMap(([table, columns]) => {
    const rows = found.filter(({ relation }) => relation === table);
    // The migrations create it.
    if (rows.length === 0) return [];
    if (!["r", "p"].includes(rows[0]!.kind)) {
      return [{
        what: `public.${table} is not a table`,
        remedy: `the workers read and write a table of that name: rename what is there, or make it a table`,
      }];
    }
    const unfilled = table === "post_ratings"
      ? rows.filter(({ name, required }) => required && !(name! in columns))
      : [];
    return [
      ...unfilled.map(notFilled),
      ...Object.entries(columns).flatMap(([column, { types, added, longest }]): Problem[] => {
        const has = rows.find(({ name }) => name === column);
        const wanted = types[0] === "int8" ? "bigint" : types[0]!;
        if (!has) {
          if (added) return [];
          return [{
            what: `public.${table} has no column ${column}, which the workers read`,
            remedy: `alter table public.${table} add column ${column} ${wanted};`,
          }];
        }
        if (has.computed && column !== "id") {
          return [{
            what: `public.${table}.${column} is a generated column, and the workers write it`,
            remedy: `alter table public.${table} alter column ${column} drop expression;`,
          }];
        }
        if (longest && has.length !== null && has.length < longest) {
          return [{
            what: `public.${table}.${column} holds ${has.length} characters, but up to ${longest} are written`,
            remedy: `alter table public.${table} alter column ${column} type text;`,
          }];
        }
        if (types.includes(has.type!)) return [];
        return [{
          what: `public.${table}.${column} is of type ${has.type}, but the workers need ${types.join(" or ")}`,
          remedy: column === "id" || column.endsWith("_id")
            ? "ids are UUIDs: an app with other ids needs a column of UUIDs under this name, and its own under another"
            : `alter table public.${table} alter column ${column} type ${wanted} using ${column}::${wanted}; or rename the ` +
              "app's own column, and the migrations add this one",
        }];
      }),
    ];
  });
}

function notFilled({ relation, name }: Found): Problem {
  return {
    what: `public.${relation}.${name} must have a value, and a like stores none`,
    remedy:
      `alter table public.${relation} alter column ${name} set default …; or: alter column ${name} drop not null;`,
  };
}

/** What deserves a look, but prevents nothing. */
export async function appTableWarnings(sql: connect.Sql): Promise<string[]> {
  const triggers = await sql<{ name: string }[]>`
    select t.tgname as name from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = 'public'::regnamespace and c.relname = 'post_ratings' and not t.tgisinternal`;
  return [
    ...triggers.map(({ name }) =>
      `public.post_ratings has the trigger ${name}: if it changes posts_new.likes, toggle_post_like counts nothing itself. ` +
      "Only one of them is needed."
    ),
    ...await liveCountWarnings(sql),
  ];
}

/** Apps may show counts that change under the reader's eyes. */
async function liveCountWarnings(sql: connect.Sql): Promise<string[]> {
  const [unpublished] = await sql`
    select from pg_publication p
    where p.pubname = 'supabase_realtime' and not p.puballtables and not exists (
      select from pg_publication_tables t
      where t.pubname = p.pubname and t.schemaname = 'public' and t.tablename = 'posts_new')`;
  return unpublished
    ? [
      "posts_new is not in the publication supabase_realtime: pages show new numbers of likes when they are loaded again. " +
      "For live ones: alter publication supabase_realtime add table public.posts_new",
    ]
    : [];
}
