/** Events that an app sends, from the call over HTTP to its effects. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { createClient } from "@supabase/supabase-js";
import { Project } from "./project.ts";

Deno.test("events of clients", async (t) => {
  await using project = await Project.start();
  const { url, publishableKey } = project.stack;
  const app = createClient(url, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
  const it = (behaviour: string, body: () => Promise<void>) =>
    t.step(behaviour, async () => {
      await project.reset();
      await body();
    });
  const send = async (body: string) => {
    const answer = await fetch(`${url}/rest/v1/rpc/track_events`, {
      method: "POST",
      headers: { apikey: publishableKey, "content-type": "application/json" },
      body,
    });
    return { status: answer.status, retryAfter: answer.headers.get("retry-after"), body: await answer.json() };
  };
  const queued = () => project.count("pgmq.q_analytics");

  await it("events are stored and counted, and trend by their weight", async () => {
    const { ids: [post] } = await project.posts(1);
    await project.sql`insert into queues.tracked_events (event) values ('share')`;
    const one = await app.rpc("track_event", {
      p_event: "post_view",
      p_post_id: post,
      p_session_id: "s",
      p_metadata: { from: "feed" },
    });
    deepEqual([one.status, one.data], [200, { success: true, tracked: 1, unknownPosts: 0 }]);
    const nested = JSON.parse(`${"[".repeat(14)}1${"]".repeat(14)}`);
    const batch = await app.rpc("track_events", {
      p_session_id: "s",
      p_events: [
        { event: "page_view", metadata: { nested } },
        { event: "post_view", post_id: post },
        { event: "share", post_id: post },
        { event: "share", post_id: crypto.randomUUID() },
      ],
    });
    deepEqual(batch.data, { success: true, tracked: 3, unknownPosts: 1 });
    equal((await project.call("analytics")).body.processed, 4);

    const events = await project
      .sql`select event_type, post_id, session_id, metadata - 'correlation_id' as metadata from analytics_events`;
    deepEqual(
      events.map((event) => ({ ...event })).toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1),
      [
        { event_type: "page_view", post_id: null, session_id: "s", metadata: { nested } },
        { event_type: "post_view", post_id: post, session_id: "s", metadata: { from: "feed" } },
        { event_type: "post_view", post_id: post, session_id: "s", metadata: {} },
        { event_type: "share", post_id: post, session_id: "s", metadata: {} },
      ],
    );
    // Summed, as midnight or the hour may have struck meanwhile.
    const counts = await project.sql`
      select event_type, post_id, sum(count)::int as count from analytics_daily group by 1, 2 order by 1`;
    deepEqual([...counts], [
      { event_type: "page_view", post_id: null, count: 1 },
      { event_type: "post_view", post_id: post, count: 2 },
      { event_type: "share", post_id: post, count: 1 },
    ]);
    const trends = await project.sql`
      select post_id, sum(weight)::int as weight, sum(likes)::int as likes from queues.trending_hours group by 1`;
    deepEqual([...trends], [{ post_id: post, weight: 3, likes: 0 }]);
    deepEqual(await project.deadLetters("analytics"), []);
    await project.sql`delete from queues.tracked_events where event = 'share'`;
  });

  await it("events over the limit are answered 429 and not sent", async () => {
    // So slow that nothing is regained meanwhile.
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 1, burst = 5 where action = 'event'`;
    const events = (count: number, session = "bot") =>
      JSON.stringify({ p_session_id: session, p_events: Array(count).fill({ event: "page_view" }) });
    equal((await send(events(4))).status, 200);
    const { status, retryAfter, body } = await send(events(2));
    deepEqual([status, { ...body, retryAfter: 0 }], [429, {
      success: false,
      error: "Too many requests",
      code: "rate_limited",
      retryAfter: 0,
    }]);
    ok(Number(retryAfter) > 0 && Number(retryAfter) === body.retryAfter, `${retryAfter}`);
    equal((await send(events(1))).status, 200);
    equal((await send(events(5, "another"))).status, 200);
    const { status: told, error } = await app.rpc("track_event", { p_event: "page_view", p_session_id: "bot" });
    deepEqual([told, (error as unknown as { code: string }).code], [429, "rate_limited"]);
    await project
      .sql`update queues.rate_limits set enabled = false, per_minute = 120, burst = 60 where action = 'event'`;
    equal(await queued(), 10);
  });

  await it("hostile input is refused, and the next event is accepted", async () => {
    const call = (event: string) => `{"p_session_id": "s", "p_events": [${event}]}`;
    const bodies: [what: string, body: string, status: number][] = [
      ["an event that is not allowed", call('{"event": "like"}'), 422],
      ["a number as the event", call('{"event": 1}'), 422],
      ["an object as the session", '{"p_session_id": {}, "p_events": [{"event": "like"}]}', 422],
      ["a post that is no id", call('{"event": "page_view", "post_id": "1 or 1=1"}'), 422],
      ["NUL in the metadata", call('{"event": "page_view", "metadata": {"a": "\\u0000"}}'), 400],
      ["NUL in the session", '{"p_session_id": "\\u0000", "p_events": [{"event": "page_view"}]}', 400],
      ["half of a surrogate pair", call('{"event": "page_view", "metadata": {"a": "\\ud800"}}'), 400],
      ["10 MB of metadata", call(`{"event": "page_view", "metadata": {"a": "${"x".repeat(10_000_000)}"}}`), 422],
      ["100,000 events", call(Array(100_000).fill('{"event": "page_view"}').join()), 422],
      ["an array of 100,000 numbers", call(Array(100_000).fill("1").join()), 422],
      ["100 levels", call(`{"event": "page_view", "metadata": {"a": ${"[".repeat(100)}${"]".repeat(100)}}}`), 422],
      ["no JSON", "[[", 400],
    ];
    for (const [what, body, status] of bodies) equal((await send(body)).status, status, what);
    const levels = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const deepest = await send(call(`{"event": "page_view", "metadata": {"a": ${levels}}}`));
    ok(deepest.status >= 400 && deepest.status < 600, `${deepest.status}`);
    const numbers = call(
      '{"event": "page_view", "metadata": {"a": 1e300, "b": -0.0, "c": 0.1e-300, "": "", "__proto__": 1}}',
    );
    deepEqual([(await send(numbers)).status, await queued()], [200, 1]);
    equal((await project.call("analytics")).body.processed, 1);
    deepEqual(await project.deadLetters("analytics"), []);
  });

  await it("an event of a post that is deleted before it is processed is kept", async () => {
    const { ids: [post] } = await project.posts(1);
    await app.rpc("track_event", { p_event: "post_view", p_post_id: post, p_session_id: "s" });
    await project.sql`delete from posts_new`;
    equal((await project.call("analytics")).body.processed, 1);
    const [event] = await project.sql`select post_id, metadata - 'correlation_id' as metadata from analytics_events`;
    deepEqual({ ...event }, { post_id: null, metadata: { post_id: post } });
  });
});
