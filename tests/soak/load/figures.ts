/** What is measured of a running stack once in a while. */
import type connect from "postgres";

export interface Table {
  name: string;
  live: number;
  dead: number;
  bytes: number;
  indexBytes: number;
}

export interface Figures {
  likes: number;
  settled: number;
  calls: number;
  /** Seconds from a like to its notification, of the likes since the last time: p50, p95, p99. */
  latency: number[];
  connections: number;
  /** Memory that belongs to processes alone, in MB: the most of one process of each program. */
  memory: Record<string, number>;
  tables: Table[];
  logBytes: number;
}

/** Needs `track_commit_timestamp`. `since` is a time of the server. */
export async function measure(sql: connect.Sql, since: string, logBytes: number): Promise<Figures> {
  const [row] = await sql<Omit<Figures, "memory" | "tables" | "logBytes">[]>`
    select count(*)::int as likes,
      (select coalesce(sum(processed), 0)::int from queues.runs where last_seen_at > ${since}) as settled,
      (select count(*)::int from queues.dispatches where requested_at > ${since}) as calls,
      coalesce(percentile_cont('{0.5,0.95,0.99}'::float8[]) within group (order by extract(epoch from settled - liked)),
        '{}') as latency,
      (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections
    from (
      select pg_xact_commit_timestamp(r.xmin) as liked, pg_xact_commit_timestamp(n.xmin) as settled
      from public.post_ratings r join public.notifications n on n.data ->> 'post_id' = r.post_id::text
      where n.created_at > ${since}
    ) l where settled is not null`;
  const tables = await sql<Table[]>`
    select format('%I.%I', schemaname, relname) as name, n_live_tup::int as live, n_dead_tup::int as dead,
      pg_table_size(relid)::float8 as bytes, pg_indexes_size(relid)::float8 as "indexBytes"
    from pg_stat_user_tables where schemaname in ('pgmq', 'queues', 'net', 'public')`;
  return { ...row!, memory: await memory(), tables, logBytes };
}

/** Of the programs that this process started. Shared memory of Postgres does not count. */
async function memory(): Promise<Record<string, number>> {
  const most: Record<string, number> = {};
  const children = new Map<number, number[]>();
  const seen = new Map<number, { name: string; mb: number }>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const status = await Deno.readTextFile(`/proc/${name}/status`).catch(() => "");
    const read = (key: string) => new RegExp(`^${key}:\\s+(\\S+)`, "m").exec(status)?.[1];
    const parent = Number(read("PPid"));
    children.set(parent, [...children.get(parent) ?? [], Number(name)]);
    seen.set(Number(name), { name: read("Name") ?? "", mb: Number(read("RssAnon") ?? 0) / 1024 });
  }
  const walk = (pid: number) => {
    const process = seen.get(pid);
    if (process) most[process.name] = Math.max(most[process.name] ?? 0, process.mb);
    for (const child of children.get(pid) ?? []) walk(child);
  };
  for (const child of children.get(Deno.pid) ?? []) walk(child);
  return most;
}
