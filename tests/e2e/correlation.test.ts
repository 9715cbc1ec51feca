/** The id of a request is found again in all that the request caused. */
import { deepEqual, equal } from "node:assert/strict";
import { signToken } from "../../local/stack/keys.ts";
import { Project } from "./project.ts";

const id = "0af76519-16cd-43dd-8448-eb211c80319c";
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
    equal(response.status, 200, JSON.stringify(body));
    return body;
  };
  await project.sql`insert into profiles (id) values (${operator})`;
  await project.sql`insert into queues.operators (profile_id) values (${operator})`;
  const authorization = `Bearer ${await signToken(jwtSecret, { role: "authenticated", sub: operator })}`;
  const page = (p_page: string, p_arguments: object) =>
    rpc("operator_page", { p_page, p_arguments }, { authorization });
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

  await t.step("leads from a dead letter to the request", async () => {
    await rpc("track_event", { p_event: "page_view", p_session_id: "s" }, { "x-correlation-id": id });
    await project.sql`
      select queues.dead_letter(queues.settings_of('analytics'), jsonb_build_array(jsonb_build_object(
        'msg_id', msg_id, 'code', 'unknown_type', 'error', 'for a test')), true) from pgmq.q_analytics`;
    const { items } = await page("search", { correlation_id: id });
    equal(items.filter(({ box }: { box: string }) => box === "dead_letters").length, 1);
  });
});
