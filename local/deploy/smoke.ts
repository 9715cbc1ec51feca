/** Sends a harmless message through the real queue: dispatched by pg_cron, settled by the worker, archived. */
import type connect from "postgres";
import { type Problem, refuse, Refused } from "./problem.ts";

const QUEUE = "analytics";

interface Progress {
  waiting: boolean;
  archived: boolean;
  reason: string | null;
  error: string | null;
}

/** Leaves an event of type `smoke_test`. Waits as long as the schedule may take, or `waitSecs`. */
export async function smokeTest(sql: connect.Sql, waitSecs?: number): Promise<string> {
  const [settings] = await sql`select paused, schedule_secs from queues.settings where queue = ${QUEUE}`;
  if (!settings) refuse(`there is no queue ${QUEUE}`, "insert its row into queues.settings, then create_queue");
  if (settings.paused) {
    return `not run: the queue ${QUEUE} is paused (update queues.settings set paused = false where queue = '${QUEUE}')`;
  }
  const [sent] = await sql`
    select send as msg_id, clock_timestamp() as at
    from pgmq.send(${QUEUE}, jsonb_build_object('event', 'smoke_test', 'timestamp', clock_timestamp()))`;
  const { msg_id: id, at } = sent as unknown as { msg_id: string; at: Date };

  // pg_cron ticks every ten seconds or every minute; then a cold worker starts.
  const wait = waitSecs ?? settings.schedule_secs + 60 + 30;
  const startedAt = performance.now();
  for (;;) {
    const progress = await progressOf(sql, id, at);
    const secs = (performance.now() - startedAt) / 1000;
    if (progress.reason) {
      refuse(
        `the smoke test was dead-lettered (${progress.reason}): ${progress.error}`,
        `for details: select message from pgmq.q_${QUEUE}_dlq order by msg_id desc limit 1;`,
      );
    }
    if (!progress.waiting) {
      return `${progress.archived ? "settled and archived" : "settled"} after ${secs.toFixed(1)} s`;
    }
    if (secs > wait) throw new Refused([await diagnose(sql, id, at, wait)]);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function progressOf(sql: connect.Sql, id: string, sentAt: Date): Promise<Progress> {
  const [progress] = await sql<Progress[]>`
    select
      exists (select from pgmq.${sql(`q_${QUEUE}`)} where msg_id = ${id}) as waiting,
      exists (select from pgmq.${sql(`a_${QUEUE}`)} where msg_id = ${id}) as archived,
      dead.message ->> 'reason' as reason, dead.message ->> 'error' as error
    from (select) one
    left join pgmq.${sql(`q_${QUEUE}_dlq`)} dead
      on dead.enqueued_at >= ${sentAt} and dead.message ->> 'msg_id' = ${id}`;
  return progress!;
}

/** Finds out where the message got stuck. */
async function diagnose(sql: connect.Sql, id: string, sentAt: Date, wait: number): Promise<Problem> {
  const [call] = await sql`
    select outcome, error, status_code from queues.dispatches
    where queue = ${QUEUE} and requested_at >= ${sentAt} order by id desc limit 1`;
  if (!call) return await notDispatched(sql, sentAt, wait);
  if (call.outcome === null) {
    return {
      what: "the worker was called, but pg_net has no response yet",
      remedy: "a slow request may hold it up, or its background worker is down: " +
        `select reason, remedy from queues.health() where queue = '${QUEUE}'; says which`,
    };
  }
  if (call.outcome !== "accepted") {
    return {
      what: `the call of the worker failed (${call.outcome}): ${call.error}`,
      remedy: call.status_code === 401
        ? "deploy again with SUPABASE_SECRET_KEY set to a secret key of this project"
        : "check that the functions are deployed, and read their logs (dashboard: Edge Functions)",
    };
  }
  const [message] = await sql`
    select q.read_ct, f.last_error,
      (select count(*) from (select from pgmq.${
    sql(`q_${QUEUE}`)
  } where msg_id < ${id} and vt <= now() limit 1000) b) as before
    from pgmq.${sql(`q_${QUEUE}`)} q
    left join queues.failures f on f.queue = ${QUEUE} and f.msg_id = q.msg_id
    where q.msg_id = ${id}`;
  if (message?.last_error) {
    return { what: `the worker ran and failed: ${message.last_error}`, remedy: "read the log of process-analytics" };
  }
  if (message?.before > 0) {
    return {
      what: `the worker runs, but ${message!.before} or more messages are ahead of the smoke test`,
      remedy: "the queue has a backlog: deploy again when it is drained",
    };
  }
  return {
    what: message?.read_ct > 0
      ? "the worker claimed the message but did not settle it"
      : "the worker accepted the call but claimed nothing",
    remedy: "read the log of process-analytics (dashboard: Edge Functions)",
  };
}

async function notDispatched(sql: connect.Sql, sentAt: Date, wait: number): Promise<Problem> {
  const [run] = await sql`
    select d.status, d.return_message, d.start_time >= ${sentAt} as since
    from cron.job_run_details d join cron.job j using (jobid)
    where j.jobname = 'dispatch-queues' order by d.runid desc limit 1`;
  if (!run?.since) {
    return {
      what: `pg_cron did not run the job dispatch-queues within ${wait} s`,
      remedy:
        "its background worker may be down: restart the database (dashboard: Settings, General), then deploy again",
    };
  }
  if (run.status === "failed") {
    return { what: `the job dispatch-queues fails: ${run.return_message}`, remedy: "fix the error" };
  }
  return {
    what: "the dispatcher runs but called no worker",
    remedy: `the maximum of workers is running, or calls have failed and it backs off: ` +
      `select * from queues.due; select * from queues.dispatches order by id desc limit 10;`,
  };
}
