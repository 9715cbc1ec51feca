/** The time of a person's calls and of housekeeping, with many notifications. */
import connect from "postgres";
import type { Stack } from "../stack/stack.ts";
import { heading, median, row } from "./table.ts";

/** Of each person except for one with a tenth of all. */
const EACH = 90;
/** In one session: from the sixth call on, Postgres uses a generic plan. */
const CALLS = 200;

/** A call of a person. */
type Call = { name: string; person: () => string; call: string; calls?: number };

/** Prints the time of the calls with `count` notifications, for people with few of them and one with very many. */
export async function reading(stack: Stack, notifications: number): Promise<void> {
  const sql = connect(stack.adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    await load(sql, notifications);
    await time(sql, notifications);
  } finally {
    await sql.end();
  }
}

async function time(sql: connect.Sql, notifications: number): Promise<void> {
  const [{ size }] = await sql<[{ size: string }]>`
      select pg_size_pretty(pg_total_relation_size('public.notifications')) as size`;
  const many = notifications / 10;
  heading(
    `${notifications} notifications (${size}), ${EACH} each, ${many} of one person; ms`,
    ["median", "95 of 100 within", "calls"],
  );
  for (const call of calls(notifications)) report(call.name, await measure(sql, call));
  const pruned: number[] = [];
  for (let step = 0; step < 10; step++) {
    pruned.push(await ms(() => sql`select queues.prune_notifications(5000)`));
  }
  report("housekeeping, a step of 5,000", pruned);
}

function calls(notifications: number): Call[] {
  let next = 0;
  const someone = () => `person ${1 + (next += 2) % Math.floor(notifications / 100)}`;
  const theOne = () => "person 0";
  const page = "perform public.list_notifications()";
  const deep = "perform public.list_notifications(20, v_cursor)";
  const unread = "perform public.unread_notifications()";
  const some = "perform public.mark_notifications_read(v_ids)";
  const all = "perform public.mark_all_notifications_read()";
  return [
    { name: "list_notifications", person: someone, call: page },
    { name: "  of the one with many", person: theOne, call: page },
    { name: "  a page far back", person: theOne, call: deep },
    { name: "unread_notifications", person: someone, call: unread },
    { name: "  of the one with many", person: theOne, call: unread },
    { name: "mark_notifications_read, 20", person: someone, call: some },
    { name: "  of the one with many", person: theOne, call: some },
    { name: `mark_all_notifications_read, ~${EACH}`, person: someone, call: all },
    { name: "  10,000 of the one with many", person: theOne, call: all, calls: 4 },
    { name: "unread_notifications, then", person: theOne, call: unread },
  ];
}

/** As role authenticated, so that plans include the policies; without round trip and commit. */
async function measure(sql: connect.Sql, { person, call, calls = CALLS }: Call): Promise<number[]> {
  await sql.unsafe(`
    create or replace function pg_temp.timed(v_ids uuid[], v_cursor text) returns float8 language plpgsql as $$
    declare
      v_started timestamptz := clock_timestamp();
    begin
      ${call};
      return 1000 * extract(epoch from clock_timestamp() - v_started);
    end $$`);
  const times: number[] = [];
  for (let n = 0; n < calls; n++) {
    const name = person();
    const [{ ids, cursor }] = await sql<[{ ids: string[]; cursor: string }]>`
      select array(
          select id from public.notifications where recipient_id = md5(${name})::uuid and read_at is null and withdrawn_at is null
          order by updated_at desc limit 20) as ids,
        (extract(epoch from now() - random() * interval '90 days') * 1000000)::bigint || '.' || gen_random_uuid() as cursor`;
    await sql.begin(async (sql) => {
      await sql`select set_config('request.jwt.claims', json_build_object('sub', md5(${name})::uuid)::text, true)`;
      await sql`set local role authenticated`;
      const [row] = await sql<[{ ms: number }]>`select pg_temp.timed(${ids}::uuid[], ${cursor}) as ms`;
      times.push(row.ms);
    });
  }
  return times;
}

/**
 * Notifications of 100 days, a tenth of them due for removal. Person 0 has a tenth of all, the newer half unread; all
 * others have the same number, all unread or all but ten read. A fifth were delivered.
 */
async function load(sql: connect.Sql, notifications: number): Promise<void> {
  const durable = async (on: boolean) => {
    await sql.unsafe(`alter system set fsync = ${on ? "on" : "off"}`);
    await sql`select pg_reload_conf()`;
  };
  await durable(false);
  await sql`
    insert into public.profiles (id, username)
    select md5('person ' || n)::uuid, 'person ' || n from generate_series(0, ${notifications}::integer / 100) n`;
  const tables = ["public.notifications", "queues.notification_actors", "queues.notification_deliveries"];
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid = 'public.notifications'::regclass and not indisprimary`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  await sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`
      insert into public.notifications (
        id, recipient_id, type, group_key, title, body, url, data, created_at, updated_at, read_at)
      select md5('notification ' || n)::uuid, md5('person ' || person)::uuid, 'new_like', 'new_like:' || md5('post ' || n),
        'New like', 'person ' || n || ' and 2 others liked your photo', '/posts/' || md5('post ' || n),
        jsonb_build_object('post_id', md5('post ' || n)::uuid, 'post_caption', 'Photo ' || n), at, at,
        case when age > case when person = 0 then 0.5 when person % 2 = 0 then 10 / ${EACH}::float8 else 1 end then at end
      from (
        select n, age, case when n % 10 = 0 then 0 else 1 + (n / 10 * 9 + n % 10) % (${notifications}::integer / 100) end as person,
          now() - interval '100 days' * age as at
        from (select n, n / ${notifications}::float8 as age from generate_series(1, ${notifications}::integer) n) n
      ) n`;
    await sql`
      insert into queues.notification_deliveries (notification_id, recipient_id, channel, status, provider, tries, created_at,
        claimed_at, settled_at)
      select id, recipient_id, 'push', 'sent', 'fcm', 1, created_at, created_at, created_at from public.notifications
      where left(id::text, 1) in ('0', '1', '2')`;
    await sql`
      insert into queues.notification_actors (recipient_id, group_key, actor, is_active, at, notification_id)
      select recipient_id, group_key, 'session:1', true, created_at, id from public.notifications
      where left(id::text, 1) in ('0', '1', '2')`;
  });
  for (const { definition } of indexes) await sql.unsafe(definition);
  await sql.unsafe(`vacuum (analyze) ${tables.join()}`);
  await durable(true);
  await sql`checkpoint`;
}

function report(name: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const within = sorted[Math.ceil(0.95 * sorted.length) - 1]!;
  row(name, [median(times).toFixed(2), within.toFixed(2), String(times.length)]);
}

async function ms(work: () => PromiseLike<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
