/** What is around the engine is missing, broken or locked: ticks, health and housekeeping go on, and say what to do. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import connect from "postgres";
import { query } from "../../local/stack/database.ts";
import { statementsOf } from "../../web/console/src/statements.ts";
import { startServer, versions } from "./servers.ts";
import { STATEMENT_TIMEOUT_MS } from "./sessions.ts";

interface Sessions {
  /** As the owner of the project. */
  sql: connect.Sql;
  /** As the superuser. */
  admin: connect.Sql;
}

for (const version of versions) {
  Deno.test(`surroundings, postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    const it = (behaviour: string, body: (sessions: Sessions) => Promise<void>) =>
      t.step(behaviour, async () => {
        await using database = await server.counted();
        const [sql, admin] = [database.url, database.adminUrl].map((url) =>
          connect(url, {
            max: 1,
            onnotice: () => {},
            fetch_types: false,
            connection: { statement_timeout: STATEMENT_TIMEOUT_MS },
          })
        );
        try {
          await sql!`select vault.create_secret('https://project.example', 'queues_project_url'),
            vault.create_secret('sb_secret_of_the_test', 'queues_secret_key')`;
          await sql!`update queues.due set at = clock_timestamp()`;
          await body({ sql: sql!, admin: admin! });
        } finally {
          await Promise.all([sql!.end(), admin!.end()]);
        }
      });

    for (
      const [what, break_, problem, remedy] of [
        ["pg_net is off", "drop schema net cascade", /pg_net is not enabled/, /^create extension pg_net$/],
        [
          "the responses of pg_net are missing",
          "drop table net._http_response",
          /tables of pg_net are missing/,
          /^drop extension pg_net cascade; create extension pg_net$/,
        ],
        [
          "the requests of pg_net are missing",
          "drop table net.http_request_queue cascade",
          /tables of pg_net are missing/,
          /^drop extension pg_net cascade; create extension pg_net$/,
        ],
        ["Vault is off", "drop schema vault cascade", /Vault is not enabled/, /^create extension supabase_vault; /],
        [
          "the key of Vault is another one",
          "update vault.key set key = extensions.gen_random_bytes(32)",
          /`queues_project_url` cannot be decrypted/,
          /^delete from vault.secrets where name = 'queues_project_url'; select vault.create_secret/,
        ],
      ] as const
    ) {
      await it(`${what}: ticks, wakes, health, metrics and housekeeping work and say it`, async ({ sql, admin }) => {
        await sql`select queues.call_worker('deliveries', 'schedule')`;
        await admin.unsafe(break_);
        await sql`select pgmq.send('analytics', '{}')`;
        await sql`update queues.due set at = '-infinity'`;
        await archiveOld(sql, 10);
        await sql`select queues.daily()`;
        await sql`select queues.dispatch()`;
        await sql`select queues.wake('like_events')`;
        deepEqual([...(await sql`select count(*)::int from pgmq.a_analytics`)], [{ count: 0 }]);
        const calls = await sql`
          select queue, outcome, error from queues.dispatches where outcome is not null order by queue`;
        deepEqual(calls.map(({ queue, outcome }) => `${queue} ${outcome}`), [
          "analytics not_sent",
          "like_events not_sent",
        ]);
        for (const { error } of calls) match(error, problem);
        const health = await healthOf(sql, "analytics");
        equal(health.verdict, "failing");
        match(health.reason, problem);
        match(health.remedy, remedy);
        const [{ metrics }] = await sql`select public.queue_metrics() as metrics` as unknown as [
          { metrics: { queues: unknown[] } },
        ];
        const [{ queues }] = await sql`select count(*)::int as queues from queues.settings` as unknown as [
          { queues: number },
        ];
        equal(metrics.queues.length, queues);
        await sql`select toggle_post_like(gen_random_uuid(), 'a session')`;
      });
    }

    await it("an open call whose tables of pg_net are gone becomes missing", async ({ sql, admin }) => {
      await sql`select queues.call_worker('analytics', 'schedule')`;
      await admin`drop schema net cascade`;
      await sql`update queues.dispatches set requested_at = requested_at - interval '2 minutes'`;
      await sql`select queues.dispatch()`;
      deepEqual([...(await sql`select outcome, error from queues.dispatches`)], [
        { outcome: "missing", error: "pg_net is not enabled" },
      ]);
    });

    await it("health tells of pg_net before a message waits", async ({ sql, admin }) => {
      await admin`drop schema net cascade`;
      const health = await healthOf(sql, "analytics");
      deepEqual([health.verdict, health.reason, health.remedy], [
        "ok",
        "workers cannot be called: pg_net is not enabled",
        "create extension pg_net",
      ]);
    });

    await it("a secret that cannot be decrypted is repaired as the remedy says", async ({ sql, admin }) => {
      await sql`select pgmq.send('analytics', '{}')`;
      await admin`update vault.key set key = extensions.gen_random_bytes(32)`;
      for (const value of ["https://project.example", "sb_secret_other"]) {
        await tick(sql);
        const { remedy } = await healthOf(sql, "analytics");
        await sql.unsafe(remedy.replace("…", value));
      }
      await tick(sql);
      equal(await lastOutcome(sql), null, "the call is sent");
    });

    for (
      const [what, url, problem] of [
        ["without a scheme", "project.example", /is not a URL that begins with https/],
        ["with a space inside", "https://project .example", /is not a URL that begins with https/],
        ["of another scheme", "ftp://project.example", /is not a URL that begins with https/],
        ["that is a key", "sb_secret_of_the_test", /is not a URL that begins with https/],
        ["that is empty", " \n", /`queues_project_url` is empty/],
      ] as const
    ) {
      await it(`a project URL ${what} is recorded as not sent, and repaired as the remedy says`, async ({ sql }) => {
        await setSecret(sql, "queues_project_url", url);
        await sql`select pgmq.send('analytics', '{}'), pgmq.send('notifications', '{}')`;
        await archiveOld(sql, 10);
        await sql`select queues.daily()`;
        await tick(sql);
        deepEqual([...(await sql`select count(*)::int from pgmq.a_analytics`)], [{ count: 0 }], "housekeeping runs");
        const calls = await sql`select outcome, error from queues.dispatches`;
        equal(calls.length, 2);
        for (const { outcome, error } of calls) {
          equal(outcome, "not_sent");
          match(error, problem);
          match(error, /select vault.update_secret/);
          ok(!error.includes("sb_secret_of_the_test"), "no secret in the error");
        }
        const { remedy } = await healthOf(sql, "analytics");
        await sql.unsafe(remedy.replace(/https:\/\/….supabase.co|…/, "https://project.example"));
        await tick(sql);
        equal(await lastOutcome(sql), null, "the call is sent");
      });
    }

    await it("a call that pg_net itself refuses is recorded as not sent", async ({ sql, admin }) => {
      await admin`alter table net.http_request_queue add constraint worker_is_up check (false)`;
      await sql`select pgmq.send('analytics', '{}'), pgmq.send('notifications', '{}')`;
      await tick(sql);
      const calls = await sql`select queue, outcome, error from queues.dispatches order by queue`;
      deepEqual(calls.map(({ queue, outcome }) => `${queue} ${outcome}`), [
        "analytics not_sent",
        "notifications not_sent",
      ]);
      match(calls[0]!.error, /^pg_net refused the call \(.*worker_is_up.*\): .*select net.worker_restart\(\)/);
    });

    await it("white space around the secrets is forgiven", async ({ sql }) => {
      await setSecret(sql, "queues_project_url", "\u00a0https://project.example/ \r\n");
      await setSecret(sql, "queues_secret_key", "\ufeff\t sb_secret_of_the_test\n");
      await sql`select pgmq.send('analytics', '{}')`;
      await tick(sql);
      deepEqual([...(await sql`select url, headers ->> 'apikey' as key from net.http_request_queue`)], [
        { url: "https://project.example/functions/v1/process-analytics", key: "sb_secret_of_the_test" },
      ]);
    });

    await it("one queue's lock or error leaves the others and housekeeping running", async ({ sql, admin }) => {
      await sql`select pgmq.send('analytics', '{}'), pgmq.send('notifications', '{}'), pgmq.send('deliveries', '{}')`;
      await archiveOld(sql, 10);
      await sql`select queues.daily()`;
      await sql`alter table pgmq.q_notifications rename column vt to not_vt`;
      await admin`begin`;
      await admin`lock table pgmq.q_analytics in access exclusive mode`;
      await tick(sql);
      deepEqual([...(await sql`select queue from queues.dispatches`)], [{ queue: "deliveries" }]);
      deepEqual([...(await sql`select count(*)::int from pgmq.a_analytics`)], [{ count: 0 }]);
      // The age of the last tick is not what is wrong with them.
      await sql`update queues.due set at = clock_timestamp() - interval '1 hour' where last_error is not null`;
      const health = await sql`
        select queue, verdict, reason, remedy from queues.health() where verdict <> 'ok' order by queue`;
      deepEqual(health.map(({ queue, verdict }) => `${queue} ${verdict}`), [
        "analytics failing",
        "notifications failing",
      ]);
      match(health[0]!.reason, /lock timeout/);
      match(health[1]!.reason, /column "vt" does not exist/);
      await admin`rollback`;
      await sql`alter table pgmq.q_notifications rename column not_vt to vt`;
      await tick(sql);
      deepEqual([...(await sql`select queue from queues.due where last_error is not null`)], []);
      equal((await healthOf(sql, "analytics")).verdict, "ok");
    });

    await it("a tick that runs out of time keeps what it has done, and later ones do the rest", async ({ sql }) => {
      await sql`select pgmq.send('analytics', '{}')`;
      await archiveOld(sql, 10);
      await sql`create function queues.prune_slowly(p_limit integer) returns integer language plpgsql as
        'begin perform pg_sleep(3600); return 0; end'`;
      await sql`insert into queues.housekeeping (key, position, kind, function) values ('slow', 1, 'prune', 'prune_slowly')`;
      await sql`select queues.daily()`;
      await sql`update queues.due set at = '-infinity'`;
      // Everything else takes a small part of it.
      await sql`set statement_timeout = '15s'`;
      await sql`select queues.dispatch()`;
      deepEqual([...(await sql`select queue from queues.dispatches`)], [{ queue: "analytics" }]);
      await sql`select queues.dispatch()`;
      deepEqual([...(await sql`select count(*)::int from pgmq.a_analytics`)], [{ count: 0 }]);
      await sql`select queues.dispatch()`;
      const [round] =
        await sql`select errors ->> 'slow' as error, finished_at is not null as ended from queues.cleanups`;
      match(round!.error, /statement timeout/);
      equal(round!.ended, true);
    });

    await it("pg_cron gets both jobs back after it was off", async ({ sql, admin }) => {
      const jobs = () => sql`select jobname, schedule, command, active from cron.job order by jobname`;
      const before = [...(await jobs())];
      equal(before.length, 2);
      const standIn = await Deno.readTextFile(new URL("../../local/platform/cron.sql", import.meta.url));
      await admin`drop schema cron cascade`;
      await sql`select queues.dispatch()`;
      await sql`select queues.daily()`;
      const off = await healthOf(sql, "analytics");
      equal(off.verdict, "ok");
      match(off.reason, /^pg_cron is not enabled: old records are not removed .*, workers are not called$/);
      equal(off.remedy, "create extension pg_cron; select queues.schedule_jobs()");
      await sql`update queues.due set at = clock_timestamp() - interval '1 hour'`;
      match((await healthOf(sql, "analytics")).reason, /the dispatcher does not run: .*pg_cron is not enabled/);

      await admin.unsafe(standIn);
      const on = await healthOf(sql, "analytics");
      match(on.reason, /the job `dispatch-queues` is missing/);
      await sql.unsafe(on.remedy);
      deepEqual([...(await jobs())], before);
    });

    await it("a job that is missing or switched off is named, and comes back as the remedy says", async ({ sql }) => {
      await sql`select queues.dispatch()`;
      for (const job of ["cleanup-archived-messages", "dispatch-queues"]) {
        for (
          const [break_, problem] of [
            [`select cron.unschedule('${job}')`, `the job \`${job}\` is missing`],
            [
              `select cron.alter_job(jobid, active => false) from cron.job where jobname = '${job}'`,
              `the job \`${job}\` is not active`,
            ],
          ] as const
        ) {
          await sql.unsafe(break_);
          const { reason, remedy } = await healthOf(sql, "analytics");
          ok(reason.startsWith(problem), reason);
          await sql.unsafe(remedy);
          equal((await healthOf(sql, "analytics")).reason, null);
          deepEqual([...(await sql`select active from cron.job where jobname = ${job}`)], [{ active: true }]);
        }
      }
    });

    await it("a schedule that an operator chose is kept", async ({ sql }) => {
      await sql`select cron.schedule('dispatch-queues', '30 seconds', 'select queues.dispatch()')`;
      await sql`select queues.schedule_jobs()`;
      deepEqual([...(await sql`select schedule from cron.job where jobname = 'dispatch-queues'`)], [
        { schedule: "30 seconds" },
      ]);
    });

    await it("a read-only database is named, and can be written as the remedy says", async ({ sql, admin }) => {
      await sql`update queues.due set at = clock_timestamp() - interval '1 hour'`;
      const [{ name }] = await sql`select current_database() as name` as unknown as [{ name: string }];
      await admin.unsafe(`alter database ${name} set default_transaction_read_only = on`);
      const url = `postgres://postgres:postgres@${sql.options.host[0]}:${sql.options.port[0]}/${name}`;
      await query(url, async (later) => {
        const { verdict, reason, remedy } = await healthOf(later, "analytics");
        equal(verdict, "failing");
        match(reason, /the dispatcher does not run: .*, and the database is read-only$/);
        for (const statement of statementsOf(remedy)) await later.unsafe(statement);
        match((await healthOf(later, "analytics")).reason, /although its job exists/);
      });
      await query(url, (later) => later`update queues.settings set paused = true`);
    });

    await it("a drop of a queue is told with its remedy, which works", async ({ sql }) => {
      await sql`select pgmq.drop_queue('analytics')`;
      await sql`select queues.dispatch()`;
      const [{ last_error }] = await sql`select last_error from queues.due where queue = 'analytics'` as unknown as [
        { last_error: string },
      ];
      match(last_error, /select queues.create_queue\('analytics'\), or/);
      for (const statement of statementsOf((await healthOf(sql, "analytics")).remedy)) await sql.unsafe(statement);
      await tick(sql);
      equal((await healthOf(sql, "analytics")).verdict, "ok");
    });

    for (
      const [what, arrange, remedies] of [
        ["a paused queue", `select queues.pause('analytics')`, [`select queues.resume('analytics')`]],
        ["a key that is refused", lastCall("refused", 401), [
          `select vault.update_secret((select id from vault.secrets where name = 'queues_secret_key'), 'sb_secret_…')`,
        ]],
        ["a function that does not answer at its address", lastCall("failed", null), [
          `select vault.update_secret((select id from vault.secrets where name = 'queues_project_url'), ` +
          `'https://….supabase.co')`,
        ]],
        ["calls that were lost", lastCall("missing", null), [`select net.worker_restart()`]],
        [
          "a call that pg_net does not send",
          `select queues.call_worker('analytics', 'schedule');
           update queues.dispatches set requested_at = requested_at - interval '1 hour'`,
          [`select net.worker_restart()`],
        ],
        [
          "a call that pg_net is held up with",
          `set application_name = 'pg_net 0.20.0'; select queues.call_worker('analytics', 'schedule');
           update queues.dispatches set requested_at = requested_at - interval '1 hour'`,
          [`select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200`],
        ],
        [
          "a tick that fails",
          `update queues.due set last_error = 'an error' where queue = 'analytics'`,
          [`select queues.dispatch_queue('analytics')`],
        ],
        [
          "a tick that never ends",
          `update queues.due set at = clock_timestamp() - interval '1 hour';
           insert into cron.job_run_details (runid, jobid, status, start_time)
           select 1, jobid, 'running', clock_timestamp() from cron.job where jobname = 'dispatch-queues'`,
          [`select pid, wait_event_type, state, query from pg_stat_activity`],
        ],
        [
          "pg_cron that does not run its job",
          `update queues.due set at = clock_timestamp() - interval '1 hour'`,
          [`select queues.dispatch()`],
        ],
        [
          "tries that fail",
          `insert into queues.settlements (queue, retried, last_failure) values ('analytics', 3, queues.failure('http_503', 'no'))`,
          [`select queues.pause('analytics')`, `select * from queues.dead_letters('analytics')`],
        ],
        [
          "dead letters",
          `delete from pgmq.q_analytics; select pgmq.send('analytics_dlq', '{"message": 1}')`,
          [`select * from queues.dead_letters('analytics')`],
        ],
        [
          "a queue whose ids lost their sequence",
          `alter table pgmq.q_analytics alter column msg_id drop identity`,
          [
            `alter table pgmq.q_analytics alter column msg_id add generated always as identity`,
            `select queues.move_ids('analytics')`,
          ],
        ],
        [
          "a queue that cannot be measured",
          `alter table pgmq.q_analytics rename column vt to not_vt`,
          [`select queues.measure(s) from queues.settings s where queue = 'analytics'`],
        ],
      ] as const
    ) {
      await it(`the remedy for ${what} can be run as it is printed`, async ({ sql }) => {
        await sql`select pgmq.send('analytics', '{}')`;
        await sql.unsafe(arrange);
        const { remedy } = await healthOf(sql, "analytics");
        for (const statement of remedies) {
          ok(remedy.includes(statement), remedy);
          await sql.unsafe(statement).catch((error) => {
            // It shows what is wrong.
            if (!/not_vt|"vt" does not exist/.test(error.message)) throw error;
          });
        }
      });
    }

    await it("a broadcast that fails does not fail its settlement", async ({ sql, admin }) => {
      await admin.unsafe(`
        create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
        returns void language plpgsql as $$ begin raise exception 'no'; end $$`);
      await sql`insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a')`;
      await sql`
        select queues.notify(${
        sql.json([{
          recipient_id: "00000000-0000-4000-8000-00000000000a",
          type: "new_like",
          group: "new_like:p",
          since: new Date(Date.now() - 3_600_000).toISOString(),
          actor: "session:1",
          at: new Date().toISOString(),
          withdrawn: false,
          title: "New like",
          bodies: ["{name} liked it", "{name} and 1 other liked it", "{name} and {others} others liked it"],
          someone: "Someone",
          url: "/posts/p",
          data: {},
          deliveries: [],
        }])
      })`;
      deepEqual([...(await sql`select count(*)::int from notifications`)], [{ count: 1 }]);
    });
  });
}

async function healthOf(sql: connect.Sql, queue: string) {
  const [health] = await sql<{ verdict: string; reason: string; remedy: string }[]>`
    select verdict, reason, remedy from queues.health() where queue = ${queue}`;
  return health!;
}

/** A call of the worker of analytics with this outcome. */
function lastCall(outcome: string, status: number | null): string {
  return `insert into queues.dispatches (queue, cause, outcome, answered_at, status_code, error)
    values ('analytics', 'schedule', '${outcome}', clock_timestamp(), ${status}, 'an error')`;
}

async function tick(sql: connect.Sql): Promise<void> {
  await sql`update queues.due set at = '-infinity'`;
  await sql`select queues.dispatch()`;
}

async function lastOutcome(sql: connect.Sql): Promise<string | null> {
  const [call] = await sql`select outcome from queues.dispatches order by id desc limit 1`;
  return call!.outcome;
}

async function setSecret(sql: connect.Sql, name: string, value: string): Promise<void> {
  await sql`select vault.update_secret((select id from vault.secrets where name = ${name}), ${value})`;
}

/** Adds messages to an archive that housekeeping is to remove. */
async function archiveOld(sql: connect.Sql, count: number): Promise<void> {
  await sql`
    insert into pgmq.a_analytics (msg_id, vt, enqueued_at, archived_at, message)
    select n, now(), now(), now() - interval '1 year', '1' from generate_series(1, ${count}::int) n`;
}
