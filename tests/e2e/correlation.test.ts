/** The id of a request is found again in all that the request caused. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { signToken } from "../../local/stack/keys.ts";
import { Project, until } from "./project.ts";

const id = "0af76519-16cd-43dd-8448-eb211c80319c";
const failing = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";
const deferred = "7d1b8f0a-52c4-4e0e-9a53-6c1f2d3e4b5a";
const operator = "00000000-0000-4000-8000-000000000001";

Deno.test("a correlation id", async (t) => {
  await using project = await Project.start();
  const { url, publishableKey, jwtSecret } = project.stack;
  const rpc = async (name: string, args: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: { apikey: publishableKey, "content-type": "application/json", ...headers },
      body: JSON.stringify(args),
    });
    const body = await response.json();
    ok(response.ok, JSON.stringify(body));
    return body;
  };
  await project.sql`insert into profiles (id) values (${operator})`;
  await project.sql`insert into queues.operators (profile_id) values (${operator})`;
  const authorization = `Bearer ${await signToken(jwtSecret, { role: "authenticated", sub: operator })}`;
  const page = (p_page: string, p_arguments: object) =>
    rpc("operator_page", { p_page, p_arguments }, { authorization });
  /** The first line with this text in the logs of the functions. */
  const logged = async (text: string) => {
    const find = () => project.said.find((line) => line.includes(text));
    await until(() => Promise.resolve(find() !== undefined), `a line with ${text}`);
    const line = find()!;
    return JSON.parse(line.slice(line.indexOf("{")));
  };
  const { ids } = await project.posts(3);

  await t.step("goes from a request through its messages to the delivery and the event, among others", async () => {
    for (const [n, post] of ids.entries()) {
      const headers = n === 1 ? { "x-correlation-id": id.toUpperCase() } : undefined;
      await rpc("toggle_post_like", { p_post_id: post, p_session_id: "session" }, headers);
    }
    // One batch handles the three.
    for (const queue of ["like_events", "notifications", "analytics"]) await project.call(queue);

    const { items } = await page("search", { correlation_id: id });
    deepEqual(items.map(({ queue, box }: { queue: string; box: string }) => `${queue} ${box}`).sort(), [
      "analytics archive",
      "like_events archive",
      "notifications archive",
    ]);
    for (const { queue, box, msg_id } of items) {
      const { history } = await page("message", { queue, box, msg_id });
      equal(history.at(-1).event, "processed");
      equal((await logged(`"runId":"${history.at(-1).run_id}"`)).queue, queue);
    }
    const events = await project.sql`
      select post_id from analytics_events where metadata ->> 'correlation_id' = ${id}`;
    deepEqual(events.map((event) => event.post_id), [ids[1]]);
    const deliveries = await page("deliveries", { correlation_id: id });
    const notifications = await project.sql`select id from notifications where data ->> 'post_id' = ${ids[1]!}`;
    deepEqual(
      [...new Set(deliveries.items.map((item: { notification_id: string }) => item.notification_id))],
      notifications.map((notification) => notification.id),
    );
  });

  await t.step("is new for each request that brings none", async () => {
    const found = await project.sql`
      select count(distinct metadata ->> 'correlation_id')::int as count from analytics_events`;
    equal(found[0]!.count, 3);
  });

  await t.step("is in the log of the run in which a message failed", async () => {
    const [msg_id] = await project.send("like_events", [
      JSON.stringify({ v: 99, metadata: { correlation_id: failing } }),
    ]);
    await project.call("like_events");
    const { queue, runId, failed } = await logged(failing);
    deepEqual([queue, failed], ["like_events", [{
      msg_id,
      outcome: "dead_lettered",
      code: "unknown_version",
      correlation_id: failing,
    }]]);
    const { items } = await page("search", { correlation_id: failing });
    const { history } = await page("message", { queue, box: "dead_letters", msg_id: items[0].msg_id });
    equal(history.at(-1).run_id, runId);
  });

  await t.step("is kept with a like that is deferred, until it is applied", async () => {
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 1, burst = 1 where action = 'like'`;
    const like = (post: string) =>
      rpc("toggle_post_like", { p_post_id: post, p_session_id: "many", p_defer: true }, {
        "x-correlation-id": deferred,
      });
    deepEqual([(await like(ids[0]!)).deferred, (await like(ids[1]!)).deferred], [undefined, true]);
    // As if the minute had passed.
    await project.sql`update queues.rate_limit_keys set free_at = free_at - interval '1 hour'`;
    await project.sql`update queues.deferred_likes set apply_after = apply_after - interval '1 hour'`;
    await project.sql`update pgmq.q_deferred_actions set vt = vt - interval '1 hour'`;
    await project.call("deferred_actions");
    equal(await project.count("queues.deferred_likes where outcome = 'applied'"), 1);
    const sent = await project.sql`
      select message ->> 'post_id' as post_id from pgmq.q_like_events
      where message #>> '{metadata,correlation_id}' = ${deferred} order by msg_id`;
    deepEqual(sent.map(({ post_id }) => post_id), ids.slice(0, 2));
  });

  await t.step("leads from a dead letter to the request", async () => {
    await rpc("track_event", { p_event: "page_view", p_session_id: "s" }, { "x-correlation-id": id });
    await project.sql`
      select queues.dead_letter(queues.settings_of('analytics'), jsonb_build_array(jsonb_build_object(
        'msg_id', msg_id, 'code', 'unknown_type', 'error', 'for a test')), true) from pgmq.q_analytics`;
    const { items } = await page("search", { correlation_id: id });
    equal(items.filter(({ box }: { box: string }) => box === "dead_letters").length, 1);
  });
});
