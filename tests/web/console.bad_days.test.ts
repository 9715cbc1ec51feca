/** Bad days at the console: each shows something sensible, and nothing that was being edited is lost. */
import assert from "node:assert/strict";
import { query } from "../../local/stack/database.ts";
import { browserTest } from "../browser.ts";
import { addLetters, atConsole, clear, confirm, count, goTo, signIn, until } from "./operators.ts";
import { posts, Site, unlessDeadlocked } from "./site.ts";

await browserTest("the console on bad days", async (test, browser) => {
  await using site = await Site.start(browser);
  const step = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      await clear(site);
    });
  const view = () => ({ event: "view", timestamp: new Date().toISOString(), post_id: posts[0] });
  const pause = () => site.sql`update queues.settings set paused = true where queue = 'analytics'`;

  await step("100,000 dead letters are counted, grouped, redriven step by step and stopped", async () => {
    await pause();
    await site.sql`
      insert into pgmq.q_analytics_dlq (vt, message)
      select now(), jsonb_build_object('queue', 'analytics', 'msg_id', i, 'enqueued_at', now(), 'message', ${
      site.sql.json(view())
    }::jsonb,
        'reason', case when i % 10 = 0 then 'unknown_type' else 'invalid_field' end, 'error', 'an error', 'attempts', 1, 'crashes', 0,
        'history', '[]'::jsonb)
      from generate_series(1, 100000) i`;
    const page = await atConsole(site, "queues/analytics/letters");
    await page.getByRole("heading", { name: "10,000 or more match" }).waitFor();
    await page.getByText("Of the latest 20,000.").waitFor();
    await page.getByRole("button", { name: "Redrive matching" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.getByText("1,000 dead letters go back to analytics").waitFor();
    await dialog.getByText("10,000 or more left after that.").waitFor();
    await dialog.getByLabel("Go on until none is left").check();
    // The third step waits until it is stopped, however fast the database is.
    const { promise: isStopped, resolve: stopped } = Promise.withResolvers<void>();
    let steps = 0;
    site.proxy.onCall = async (name) => {
      if (name === "operate" && ++steps > 2) await isStopped;
      return "pass";
    };
    try {
      await dialog.getByRole("button", { name: "Redrive 1,000" }).click();
      await dialog.getByText(/\d,000 so far/).waitFor();
      await dialog.getByRole("button", { name: "Stop" }).click();
    } finally {
      stopped();
      site.proxy.onCall = () => Promise.resolve("pass");
    }
    await dialog.waitFor({ state: "detached" });
    await page.locator(".toast").getByText("sent back to analytics").waitFor();
    const redriven = await count(site, "q_analytics");
    assert.equal(redriven % 1000, 0);
    assert.ok(redriven >= 2000 && redriven < 100_000, `${redriven}`);
    assert.equal(await count(site, "q_analytics_dlq"), 100_000 - redriven);
    const [log] = await site
      .sql`select count(*)::integer as actions, sum(affected)::integer as letters from queues.operator_log`;
    assert.deepEqual({ ...log }, { actions: redriven / 1000, letters: redriven });
  });

  await step("a queue that vanished says so, and the others go on", async () => {
    await unlessDeadlocked(() => site.sql`select pgmq.drop_queue('analytics')`);
    try {
      const page = await atConsole(site);
      const row = page.locator("li.queue", { hasText: "analytics" });
      await row.getByText("the queue was dropped").waitFor();
      await row.getByText("select queues.create_queue('analytics')").first().waitFor();
      await page.locator("li.queue.ok", { hasText: "notifications" }).waitFor();
      await goTo(page, "queues/analytics/letters");
      await page.locator("#main [role=alert]").first().waitFor();
      await goTo(page, "queues/analytics");
      await page.locator(".tabs").waitFor();
    } finally {
      await site.sql`select queues.create_queue('analytics')`;
    }
  });

  await step("a session that ends in the middle of an edit keeps the edit", async () => {
    await pause();
    const [id] = await addLetters(site, "analytics", [{ ...view(), timestamp: "yesterday" }]);
    const page = await atConsole(site, `queues/analytics/letters/${id}`);
    await page.locator("[data-outcome=rejected]").waitFor();
    const edited = JSON.stringify({ ...view(), event: "edited_before_the_end" });
    await page.locator("textarea").fill(edited);
    await page.locator("[data-outcome=accepted]").waitFor();
    // The session is ended elsewhere, and its token runs out. At once with the click: the page asks by itself as well, and
    // what it then says would be in the way.
    await page.getByRole("button", { name: "Redrive edited" }).evaluate((button) => {
      const { localStorage } = globalThis;
      for (const key of Object.keys(localStorage).filter((key) => key.startsWith("suplatzigram-console"))) {
        const session = JSON.parse(localStorage.getItem(key)!);
        localStorage.setItem(key, JSON.stringify({ ...session, expires_at: 1, refresh_token: "gone" }));
      }
      (button as unknown as { click(): void }).click();
    });
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
    assert.equal(await page.locator("#main textarea").inputValue(), edited);
    await signIn(page);
    await page.getByRole("heading", { name: "Your session has ended" }).waitFor({ state: "detached" });
    assert.equal(await page.locator("#main textarea").inputValue(), edited);
    await until(async () => {
      if (await page.locator("dialog[open]").count() === 0) return true;
      await page.keyboard.press("Escape");
      return false;
    }, "no dialog");
    await page.getByRole("button", { name: "Redrive edited" }).click();
    await confirm(page, "Redrive edited");
    const [message] = await site.sql`select message ->> 'event' as event from pgmq.q_analytics`;
    assert.equal(message!.event, "edited_before_the_end");
  });

  await step("a slow database is waited for, and one that does not answer is asked again", async () => {
    const page = await atConsole(site);
    await page.locator(".queue").first().waitFor();
    const { promise, resolve } = Promise.withResolvers<void>();
    site.proxy.onCall = async (name) => {
      if (name === "operator_page") await promise;
      return "pass";
    };
    try {
      await goTo(page, "limits");
      await page.getByText("The database takes long to answer. Still waiting.").waitFor();
      resolve();
      await page.locator("#main tbody tr").first().waitFor();
      site.proxy.leave();
      await goTo(page, "alerts");
      const again = page.locator("#main [role=alert]").getByRole("button", { name: "Try again" });
      await page.locator("#main [role=alert]").getByText("The project does not answer").waitFor();
      await again.waitFor();
      site.proxy.comeBack();
      // At once, as the page asks again by itself after a while.
      await again.evaluate((button) => (button as unknown as { click(): void }).click());
      await page.getByText("Webhook").first().waitFor();
    } finally {
      site.proxy.comeBack();
      resolve();
      site.proxy.onCall = () => Promise.resolve("pass");
    }
  });

  await step("a project without pg_net says that workers cannot be called", async () => {
    await site.sql`update queues.settings set paused = true`;
    await query(site.stack.adminDatabaseUrl, (sql) => sql`alter schema net rename to net_away`);
    try {
      const page = await atConsole(site);
      await page.locator(".notice.failing, .queue.failing, .remedy").getByText(/pg_net/).first().waitFor();
    } finally {
      await query(site.stack.adminDatabaseUrl, (sql) => sql`alter schema net_away rename to net`);
    }
  });

  await step("an empty project has something to say on every page", async () => {
    // No tick takes a sample, and no night makes a report.
    await site.stack.scheduler.stop();
    await unlessDeadlocked(() =>
      site
        .sql`truncate queues.samples, queues.runs, queues.dispatches, public.post_images, public.analytics_reports cascade`
    );
    await site.sql`delete from queues.reviews`;
    const page = await atConsole(site);
    const pages: [string, string][] = [
      ["", "No samples yet"],
      ["queues/deferred_actions/letters", "There are no dead letters. That is how it should be."],
      ["queues/deferred_actions/messages", "There are no messages here."],
      ["queues/deferred_actions/runs", "No run is on record."],
      ["deliveries", "No delivery matches."],
      ["moderation", "Nothing waits for a moderator."],
      ["images", "No picture has failed."],
      ["analytics", "There is no report yet"],
      ["limits", "Nobody was refused or deferred within the last hour."],
      ["alerts", "There were no alerts within the last 30 days."],
      ["audit", "No action matches."],
    ];
    for (const [route, text] of pages) {
      await goTo(page, route);
      await page.getByText(text).first().waitFor();
    }
    site.stack.scheduler.start();
  });

  assert.deepEqual(site.problems, []);
});
