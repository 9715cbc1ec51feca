/** A queue that fails, and is repaired: the webhook hears of each once, whatever happens on the way. */
import { deepEqual, equal, match } from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { oldAnalytics } from "./messages.ts";
import { Project, until } from "./project.ts";

const secret = `whsec_${btoa("a secret that nobody else knows.")}`;
const id = "00000000-0000-4000-8000-000000000001";

interface Alert {
  id: string;
  type: string;
  data: { queue: string; reason: string; over_at: string | null };
}

Deno.test("alerts", async (t) => {
  const received: Alert[] = [];
  const statuses: number[] = [];
  let refuse = 0;
  /** What the webhook waits for before it answers. */
  let answering = Promise.resolve();
  await using receiver = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    // The reference implementation. It throws if the signature, the time or the id is wrong.
    new Webhook(secret).verify(body, Object.fromEntries(request.headers));
    const alert: Alert = JSON.parse(body);
    equal(request.headers.get("webhook-id"), alert.id);
    statuses.push(refuse > 0 ? 503 : 204);
    if (refuse-- > 0) return new Response("later", { status: 503 });
    received.push(alert);
    await answering;
    return new Response(null, { status: 204 });
  });
  await using project = await Project.start({ scheduler: true });
  await project.sql`select vault.create_secret(${secret}, 'queues_alert_secret')`;
  await project.sql`
    update queues.alert_settings
    set webhook_url = ${`http://127.0.0.1:${receiver.addr.port}/hook`}, failing_secs = 0, over_secs = 0`;
  await project.set("alerts", { backoff_base_secs: 1 });
  await project.set("analytics", { schedule_secs: 1 });
  /** As if a minute had passed: the next tick takes samples. */
  const minute = () =>
    project.sql`
      update queues.samples set at = at - interval '1 minute'
      where (select max(at) from queues.samples) > clock_timestamp() - interval '55 seconds'`;
  const heard = (count: number) =>
    until(async () => {
      await minute();
      return received.length >= count;
    }, () =>
      `alert ${count}; received ${JSON.stringify(received)}; the programs said last:\n${
        project.said.slice(-20).join("\n")
      }`);

  await t.step("a queue that fails is one alert, also if the webhook refuses it at first", async () => {
    refuse = 2;
    await project.sql`update queues.settings set function_name = 'process-nothing' where queue = 'analytics'`;
    await project.send("analytics", [oldAnalytics(id)]);
    await heard(1);
    deepEqual(statuses, [503, 503, 204]);
    deepEqual([received[0]!.type, received[0]!.data.queue], ["queue.failing", "analytics"]);
    match(received[0]!.data.reason, /calls of its worker fail/);
  });

  await t.step("when it works again, that is one more", async () => {
    await project.sql`update queues.settings set function_name = 'process-analytics' where queue = 'analytics'`;
    await project.sql`select queues.resume('analytics')`;
    await heard(2);
    await until(async () => await project.count("pgmq.a_alerts") === 2, "both acknowledged");
    deepEqual(received.map(({ type, data }) => [type, data.queue]), [
      ["queue.failing", "analytics"],
      ["queue.ok", "analytics"],
    ]);
    deepEqual([await project.count("pgmq.q_alerts"), await project.count("pgmq.q_alerts_dlq")], [0, 0]);
  });

  await t.step("an alert whose answer is lost before it is recorded goes out again under the same id", async () => {
    const from = received.length;
    const answer = Promise.withResolvers<void>();
    answering = answer.promise;
    await project.send("alerts", [JSON.stringify({ v: 1, id: "lost", type: "test", data: {} })]);
    await heard(from + 1);
    {
      // Nobody settles alerts meanwhile.
      await using _lock = await project.lock(
        "select pg_advisory_xact_lock(hashtextextended('queues.send_alerts', 0))",
      );
      answer.resolve();
      const answered = "net._http_response r where r.id = (select request_id from queues.alert_requests)";
      await until(async () => await project.count(answered) === 1, "the answer");
      // As a crash of the database does, which empties the tables of pg_net.
      await using admin = await project.admin();
      await admin.sql.unsafe(`delete from ${answered}`);
      await project.sql`update queues.alert_requests set requested_at = requested_at - interval '2 minutes'`;
    }
    await heard(from + 2);
    deepEqual(received.slice(from).map(({ id }) => id), ["lost", "lost"]);
    await until(async () => await project.count("pgmq.a_alerts where message ->> 'id' = 'lost'") === 1, "acknowledged");
  });

  await t.step("an alert that cannot be sent becomes a dead letter, and causes no other", async () => {
    refuse = 1_000;
    await project.set("alerts", { max_retries: 1 });
    await project.sql`update queues.settings set function_name = 'process-nothing' where queue = 'analytics'`;
    await project.send("analytics", [oldAnalytics(id)]);
    await until(async () => {
      await minute();
      return await project.count("pgmq.q_alerts_dlq") === 1;
    }, "a dead letter");
    const [letter] = await project.deadLetters("alerts");
    match(letter!.error, /^HTTP 503: later/);
    equal(await project.count("queues.alerts where over_at is null"), 1);
    equal(await project.count("pgmq.q_alerts"), 0);
  });
});
