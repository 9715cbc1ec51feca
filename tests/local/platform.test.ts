import assert from "node:assert/strict";
import { query } from "../../local/stack/database.ts";
import { startStack } from "../../local/stack/stack.ts";

const workers = `${import.meta.dirname}/fixtures/workers`;

Deno.test("the stand-ins of pg_cron and pg_net", async (test) => {
  await using stack = await startStack({ functionsDir: workers, log: () => {} });
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
