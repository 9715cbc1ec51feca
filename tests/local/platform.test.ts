import assert from "node:assert/strict";
import { query } from "../../local/stack/database.ts";
import { startStack } from "../../local/stack/stack.ts";

const workers = `${import.meta.dirname}/fixtures/workers`;

Deno.test("the stand-ins of pg_cron and pg_net", async (test) => {
  await using stack = await startStack({ functionsDir: workers, workersPerFunction: 1, log: () => {} });
  const run = (text: string) => query(stack.databaseUrl, (sql) => sql.unsafe(text));
  const until = async (text: string) => {
    while ((await run(text)).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await run(`select cron.unschedule(jobname) from cron.job`);
  stack.scheduler.start();

  await test.step("a job runs at its interval as its owner and is recorded", async () => {
    await run(`select cron.schedule('tick', '1 seconds', 'select current_user')`);
    await until(`select from cron.job_run_details where command = 'select current_user' and status = 'succeeded'
      and username = 'postgres' offset 1`);
  });
  await test.step("an invalid schedule is refused", async () => {
    for (const schedule of ["*/10 * * * * *", "60 seconds", "0 seconds", "soon"]) {
      await assert.rejects(run(`select cron.schedule('bad', '${schedule}', 'select 1')`), /invalid schedule/);
    }
  });
  await test.step("a failed job is recorded with its error", async () => {
    await run(`select cron.schedule('tick', '1 seconds', 'select 1 / 0')`);
    await until(`select from cron.job_run_details where status = 'failed' and return_message ~ 'division by zero'`);
    await run(`select cron.unschedule('tick')`);
  });
  await test.step("a request is sent after commit, and its response recorded", async () => {
    const url = `${stack.url}/functions/v1/process-like-events`;
    await run(`begin; select net.http_post('${url}'); rollback`);
    await run(`select net.http_post('${url}')`);
    await until(`select from net._http_response where status_code between 200 and 299`);
    assert.equal((await run(`select from net._http_response`)).length, 1);
  });
  await test.step("a request times out", async () => {
    // This function answers only when it is called again.
    await run(`select net.http_post('${stack.url}/functions/v1/process-notifications', timeout_milliseconds => 300)`);
    await until(`select from net._http_response where timed_out`);
  });
  await test.step("a request to an unreachable host is recorded with its error", async () => {
    await run(`select net.http_post('http://127.0.0.1:9/')`);
    await until(`select from net._http_response where status_code is null and not timed_out and error_msg is not null`);
  });
  await test.step("an invalid URL is an error of the caller's transaction", async () => {
    for (const url of ["project.example", "https://project.example\n", "https://project .example", ""]) {
      await assert.rejects(query(stack.databaseUrl, (sql) => sql`select net.http_post(${url})`), /URL/);
    }
  });
  await test.step("the method is a domain, and nothing but the time of a response is indexed", async () => {
    assert.deepEqual(
      [
        ...await run(`
        select pg_typeof(method)::text as type from net.http_request_queue
        union all select format_type(atttypid, atttypmod) from pg_attribute
        where attrelid = 'net.http_request_queue'::regclass and attname = 'method'`),
      ],
      [{ type: "net.http_method" }],
    );
    assert.deepEqual(
      [...await run(`select indexdef from pg_indexes where schemaname = 'net'`)].map(({ indexdef }) =>
        indexdef.replace(/^.*\(|\)$/g, "")
      ),
      ["created"],
    );
  });
  await test.step("a slow request holds up the others, whose answers appear with its own", async () => {
    const [slow, fast] = ["process-notifications", "process-like-events"].map((name) =>
      `${stack.url}/functions/v1/${name}`
    );
    await run(`truncate net._http_response`);
    const [{ id }] = await run(`select net.http_post('${slow}', timeout_milliseconds => 600000) as id`) as unknown as [
      { id: string },
    ];
    // In its own batch, which is under way once the request is locked.
    await until(`select from pg_locks l join pg_stat_activity a using (pid)
      where a.application_name ~ '^pg_net' and l.relation = 'net.http_request_queue'::regclass and l.mode = 'RowExclusiveLock'`);
    const [{ sent }] = await run(`select net.http_post('${fast}') as sent`) as unknown as [{ sent: string }];
    assert.equal((await run(`select from net.http_request_queue where id in (${id}, ${sent})`)).length, 2, "both wait");
    // It does not free a batch that is under way.
    await run(`select net.worker_restart()`);
    assert.equal((await run(`select from net._http_response`)).length, 0);
    const [{ both }] = await run(`select clock_timestamp()::text as both`) as unknown as [{ both: string }];
    await (await fetch(slow!)).body?.cancel();
    await until(`select from net._http_response where id = ${sent} and status_code between 200 and 299`);
    assert.equal((await run(`select from net.http_request_queue`)).length, 0);
    assert.deepEqual(
      [...await run(`select id, created > '${both}' as later from net._http_response order by created`)],
      [{ id, later: false }, { id: sent, later: true }],
      "`created` is when a batch began",
    );
    // The next one has not been asked yet.
    await stack.functions.kill("process-notifications");
  });
  await test.step("a batch whose worker ends is rolled back and sent again", async () => {
    const url = `${stack.url}/functions/v1/process-notifications`;
    await run(`truncate net._http_response`);
    await run(`select net.http_post('${url}', timeout_milliseconds => 60000)`);
    await until(`select from pg_locks l join pg_stat_activity a using (pid)
      where a.application_name ~ '^pg_net' and l.relation = 'net.http_request_queue'::regclass and l.mode = 'RowExclusiveLock'`);
    await stack.scheduler.stop();
    assert.equal((await run(`select from net.http_request_queue`)).length, 1);
    assert.equal((await run(`select from net._http_response`)).length, 0);
    stack.scheduler.start();
    await (await fetch(url)).body?.cancel();
    await until(`select from net._http_response where status_code between 200 and 299`);
  });
  await test.step("after a crash of the database its tables are empty and ids begin at 1", async () => {
    await stack.scheduler.stop();
    await run(`select net.http_post('${stack.url}') from generate_series(1, 5)`);
    await stack.postgres.kill();
    await stack.postgres.restart();
    assert.equal((await run(`select from net.http_request_queue`)).length, 0);
    const [{ id }] = await run(
      `select net.http_post('${stack.url}/functions/v1/process-like-events') as id`,
    ) as unknown as [
      { id: string },
    ];
    assert.equal(id, "1");
    stack.scheduler.start();
  });
  await test.step("a job that is switched off stays off when it is scheduled again, until it is altered", async () => {
    await run(`select cron.schedule('off', '1 seconds', 'select 3')`);
    const active = () => run(`select active from cron.job where jobname = 'off'`).then(([row]) => row!.active);
    const alter = (on: boolean) =>
      run(`select cron.alter_job(jobid, active => ${on}) from cron.job where jobname = 'off'`);
    await alter(false);
    await run(`select cron.schedule('off', '2 seconds', 'select 3')`);
    assert.equal(await active(), false);
    await alter(true);
    assert.equal(await active(), true);
    await run(`select cron.unschedule('off')`);
  });
  await test.step("a secret of another key cannot be decrypted or updated, only replaced", async () => {
    const admin = (text: string) => query(stack.adminDatabaseUrl, (sql) => sql.unsafe(text));
    await run(`select vault.create_secret('value', 'name')`);
    assert.equal((await run(`select from vault.secrets where secret ~ 'value'`)).length, 0);
    await admin(`update vault.key set key = extensions.gen_random_bytes(32)`);
    const read = () => run(`select decrypted_secret as value from vault.decrypted_secrets where name = 'name'`);
    await assert.rejects(read(), /invalid ciphertext/);
    await assert.rejects(
      run(`select vault.update_secret((select id from vault.secrets where name = 'name'), 'other')`),
      /invalid ciphertext/,
    );
    await run(`delete from vault.secrets where name = 'name'`);
    await run(`select vault.create_secret('other', 'name')`);
    assert.deepEqual([...await read()], [{ value: "other" }]);
  });
  await test.step("the project's owner does not own the functions of Realtime", async () => {
    await assert.rejects(run(`drop function realtime.send`), /must be owner/);
  });
  await test.step("both survive a restart of Postgres", async () => {
    await stack.postgres.restart();
    await run(`select cron.schedule('after', '1 seconds', 'select 2')`);
    await until(`select from cron.job_run_details where command = 'select 2' and status = 'succeeded'`);
  });
  await test.step("they stop though a job goes on", async () => {
    await run(`select cron.schedule('long', '1 seconds', 'select pg_sleep(600)')`);
    await until(`select from cron.job_run_details where command ~ 'pg_sleep' and status = 'running'`);
    await stack.scheduler.stop();
  });
});
