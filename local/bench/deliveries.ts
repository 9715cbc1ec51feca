/** Deliveries a second of one worker of process-deliveries, by its number of concurrent requests. */
import type postgres from "postgres";
import type { Providers, PushProvider } from "../providers/providers.ts";
import type { Stack } from "../stack/stack.ts";
import { heading, median, row } from "./table.ts";

/** The providers' response time. */
export const PROVIDER_MS = 50;
const CONCURRENCIES = [1, 16, 32];
const KINDS: PushProvider[] = ["fcm", "apns", "web_push"];

interface Result {
  perSec: number;
  p95Secs: number;
}

/**
 * Pushes to different people, a third by each provider. All are in the queue before the worker is called. The time of a
 * push is from that call to its arrival at the provider, so it includes the pushes before it. Each run must send every
 * push once.
 */
export async function deliveries(
  stack: Stack,
  sql: postgres.Sql,
  providers: Providers,
  pushes: number,
  rounds: number,
): Promise<void> {
  await sql`update queues.notification_settings set hourly_cap_push = 10000`;
  await addPeople(sql, providers, pushes);
  // Warms up processes, caches and access tokens.
  await run(stack, sql, providers, Math.max(...CONCURRENCIES));
  const results = CONCURRENCIES.map(() => [] as Result[]);
  for (let round = 0; round < rounds; round++) {
    for (const [index, concurrency] of CONCURRENCIES.entries()) {
      results[index]!.push(await run(stack, sql, providers, concurrency));
    }
  }
  const title = `process-deliveries, one worker, ${pushes} pushes to providers that answer after ${PROVIDER_MS} ms`;
  heading(title, ["pushes a second", "of one at a time", "p95, seconds", "of one at a time"]);
  const medians = results.map((results) => ({
    perSec: median(results.map(({ perSec }) => perSec)),
    p95Secs: median(results.map(({ p95Secs }) => p95Secs)),
  }));
  const [alone] = medians;
  for (const [index, { perSec, p95Secs }] of medians.entries()) {
    row(`delivery_concurrency ${CONCURRENCIES[index]}`, [
      perSec.toFixed(0),
      `${(perSec / alone!.perSec).toFixed(1)} ×`,
      p95Secs.toFixed(2),
      `${(100 * p95Secs / alone!.p95Secs).toFixed(0)} %`,
    ]);
  }
}

/** Creates people with a device each. */
async function addPeople(sql: postgres.Sql, providers: Providers, count: number): Promise<void> {
  const devices = Array.from({ length: count }, (_, n) => providers.newDevice(KINDS[n % KINDS.length]!));
  await sql`
    with device as (
      select gen_random_uuid() as profile_id, d.*
      from jsonb_to_recordset(${sql.json(devices as never)}) d(provider text, token text, p256dh text, auth text)
    ), person as (
      insert into public.profiles (id) select profile_id from device
    )
    insert into public.devices (profile_id, provider, token, p256dh, auth)
    select profile_id, provider, token, p256dh, auth from device`;
}

async function run(stack: Stack, sql: postgres.Sql, providers: Providers, concurrency: number): Promise<Result> {
  await sql`update queues.settings set delivery_concurrency = ${concurrency} where queue = 'deliveries'`;
  await sql`truncate queues.notification_deliveries, pgmq.a_deliveries`;
  const { count: pushes } = await sql`
    with notification as (
      insert into public.notifications (recipient_id, type, title, body, data)
      select profile_id, 'new_like', 'New like', 'Someone liked your photo', '{}' from public.devices
      returning id, recipient_id
    ), delivery as (
      insert into queues.notification_deliveries (notification_id, recipient_id, channel, device_id)
      select n.id, n.recipient_id, 'push', d.id from notification n join public.devices d on d.profile_id = n.recipient_id
      returning id
    )
    select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', id)) from delivery`;
  providers.log.clear();
  const started = Date.now();
  await drain(stack);
  const arrivals = providers.log.accepted.map(({ at }) => (at - started) / 1_000).toSorted((a, b) => a - b);

  const [{ sent }] = await sql<[{ sent: number }]>`
    select count(*) filter (where status = 'sent')::integer as sent from queues.notification_deliveries`;
  const once = providers.log.arrivals().size;
  if (sent !== pushes || once !== pushes || arrivals.length !== pushes) {
    throw new Error(
      `${arrivals.length} of ${pushes} pushes arrived, ${once} of them once; ${sent} are recorded as sent`,
    );
  }
  return { perSec: pushes / arrivals.at(-1)!, p95Secs: arrivals[Math.ceil(0.95 * pushes) - 1]! };
}

/** Calls the function until the queue is empty, as the dispatcher does. */
async function drain(stack: Stack): Promise<void> {
  for (;;) {
    const response = await fetch(`${stack.url}/functions/v1/process-deliveries`, {
      method: "POST",
      headers: { apikey: stack.secretKey },
    });
    const answer = await response.json();
    if (response.status !== 200) throw new Error(`the function answered ${response.status}: ${JSON.stringify(answer)}`);
    if (answer.stoppedBecause === "empty") return;
  }
}
