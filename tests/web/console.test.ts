/** What operators do at the console, over the whole stack: the workers handle what they redrive. */
import assert from "node:assert/strict";
import { browserTest } from "../browser.ts";
import { addLetters, atConsole, clear, confirm, count, goTo, until } from "./operators.ts";
import { ana, posts, Site } from "./site.ts";

const view = (more: Record<string, unknown> = {}) => ({
  event: "view",
  timestamp: new Date().toISOString(),
  post_id: posts[0],
  ...more,
});

await browserTest("operators repair queues without SQL", async (test, browser) => {
  await using site = await Site.start(browser);
  const step = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      await clear(site);
    });
  const pause = (queue: string) => site.sql`update queues.settings set paused = true where queue = ${queue}`;

  await step("a dead letter is edited, judged by the core, redriven and processed", async () => {
    await site.sql`select queues.send('analytics', ${site.sql.json(view({ timestamp: "yesterday" }) as never)})`;
    await until(async () => await count(site, "q_analytics_dlq") === 1, "the dead letter");
    const before = await count(site, "a_analytics");
    const page = await atConsole(site);
    const row = page.locator("li.queue", { hasText: "analytics" });
    await row.getByRole("link", { name: "1", exact: true }).click();
    await page.getByRole("table", { name: "Dead letters" }).getByRole("link").first().click();
    await page.locator("[data-outcome=rejected]").waitFor();
    assert.match(await page.locator(".verdict").innerText(), /invalid_field `timestamp`/);

    const payload = page.getByLabel("Payload").locator("textarea");
    const message = view({ event: "opened_by_an_operator" });
    await payload.fill(JSON.stringify(message));
    await page.locator("[data-outcome=accepted]").waitFor();
    await page.getByRole("button", { name: "Redrive edited" }).click();
    await page.locator("dialog[open] .says").getByText("goes back to analytics as it is edited here").waitFor();
    assert.equal(await count(site, "q_analytics_dlq"), 1, "a dry run changes nothing");
    await confirm(page, "Redrive edited");
    await page.locator(".toast").getByText("The edited message was sent back to analytics.").waitFor();

    await until(async () => await count(site, "a_analytics") > before, "the message in the archive");
    const [done] = await site.sql`
      select message ->> 'event' as event from pgmq.a_analytics order by archived_at desc limit 1`;
    assert.equal(done!.event, message.event);
    const [entry] = await site.sql`
      select l.action, l.affected, l.result #>> '{before,timestamp}' as before, p.username
      from queues.operator_log l join profiles p on p.id = l.operator_id`;
    assert.deepEqual({ ...entry }, {
      action: "redrive_edited",
      affected: "1",
      before: "yesterday",
      username: "operator",
    });
    assert.equal(await count(site, "q_analytics_dlq"), 0);
  });

  await step("letters of one reason are redriven at a rate, counted before, and taken back", async () => {
    await pause("analytics");
    await addLetters(site, "analytics", Array.from({ length: 30 }, () => view()));
    await addLetters(site, "analytics", [view(), view()], { reason: "unknown_type", error: "`event` is unknown" });
    const page = await atConsole(site, "queues/analytics/letters");
    await page.getByRole("heading", { name: "32 match" }).waitFor();
    await page.locator(".bars").getByRole("button", { name: "invalid_field" }).click();
    await page.getByRole("heading", { name: "30 match" }).waitFor();
    assert.match(page.url(), /reason=invalid_field/);

    await page.getByRole("button", { name: "Redrive matching" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.getByLabel("Per second").fill("2");
    await dialog.getByText("30 dead letters go back to analytics").waitFor();
    await confirm(page, "Redrive 30");
    await page.locator(".toast").getByText("30 dead letters were sent back to analytics.").waitFor();
    const [spread] = await site.sql`select extract(epoch from max(vt) - min(vt))::float8 as secs from pgmq.q_analytics`;
    assert.ok(Math.abs(spread!.secs - 14) < 1.5, `${spread!.secs} s for 30 at 2 per second`);
    assert.equal(await count(site, "q_analytics_dlq"), 2);
    await page.getByText("No dead letter matches the filter.").waitFor();

    await page.getByRole("button", { name: "Take redriven back" }).click();
    await confirm(page, "Take 30 back");
    await page.getByRole("heading", { name: "30 match" }).waitFor();
    assert.equal(await count(site, "q_analytics"), 0);
    assert.equal(await count(site, "q_analytics_dlq"), 32);
  });

  await step("nobody but operators sees anything", async () => {
    const stranger = await (await site.context()).newPage();
    await stranger.goto(`${site.consoleUrl}/#/queues/analytics`);
    await stranger.locator("form.sign-in").waitFor();
    assert.doesNotMatch(await stranger.locator("body").innerText(), /analytics/);

    const plain = await atConsole(site, "queues/analytics", ana);
    await plain.getByRole("heading", { name: "Only operators see this" }).waitFor();
    assert.doesNotMatch(await plain.locator("body").innerText(), /analytics/);
    // One who is removed is out at the next answer, whatever their token says.
    const page = await atConsole(site);
    const [gone] = await site.sql`delete from queues.operators returning *`;
    try {
      await goTo(page, "queues/analytics/letters");
      await page.getByText("only operators may do this").first().waitFor();
    } finally {
      await site.sql`insert into queues.operators ${site.sql(gone as never)}`;
    }
  });

  assert.deepEqual(site.problems, []);
});
