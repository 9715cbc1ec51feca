/** What operators do at the console, over the whole stack: the workers handle what they redrive. */
import assert from "node:assert/strict";
import { browserTest } from "../browser.ts";
import { addLetters, atConsole, clear, confirm, count, goTo, until } from "./operators.ts";
import { ana, ben, operator, posts, Site } from "./site.ts";

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
    await page.getByLabel("Attempts, at least").fill("1000");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByText("No dead letter matches").waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
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

    await page.getByRole("button", { name: "Undo redrive" }).click();
    await confirm(page, "Take 30 back");
    await page.getByRole("heading", { name: "30 match" }).waitFor();
    assert.equal(await count(site, "q_analytics"), 0);
    assert.equal(await count(site, "q_analytics_dlq"), 32);
  });

  await step("a queue is paused and resumed, with its undo", async () => {
    const paused = async () =>
      (await site.sql`select paused from queues.settings where queue = 'analytics'`)[0]!.paused as boolean;
    const page = await atConsole(site, "queues/analytics");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator("dialog[open]").getByText("Nothing is claimed from analytics any more").waitFor();
    assert.equal(await paused(), false, "a dry run changes nothing");
    await confirm(page, "Pause");
    assert.equal(await paused(), true);
    await page.locator(".head").getByText("paused", { exact: true }).waitFor();
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await until(async () => !(await paused()), "the undo");
    await page.getByRole("button", { name: "Pause" }).click();
    await confirm(page, "Pause");
    await page.getByRole("button", { name: "Resume" }).click();
    await confirm(page, "Resume");
    assert.equal(await paused(), false);
    const log = await site.sql`select action from queues.operator_log order by id`;
    assert.deepEqual(log.map(({ action }) => action), ["pause", "resume", "pause", "resume"]);
  });

  await step("settings beyond their bounds are refused, others are changed, shown and undone", async () => {
    const size = async () =>
      (await site.sql`select batch_size from queues.settings where queue = 'analytics'`)[0]!.batch_size as number;
    const before = await size();
    const page = await atConsole(site, "queues/analytics/settings");
    const field = page.getByLabel("batch_size");
    const save = page.getByRole("button", { name: /^Look at the changes/ });
    const dialog = page.locator("dialog[open]");
    // Beside the field, by the bounds that the database gives, and before anything is sent.
    for (
      const [typed, said] of [
        ["1001", "Between 1 and 1,000."],
        ["many", "A whole number is needed."],
        ["1.5", "A whole number is needed."],
        ["", "A value is needed."],
      ] as const
    ) {
      await field.fill(typed);
      await page.locator("#about-batch_size").getByText(said).waitFor();
      await save.click();
      assert.equal(await page.evaluate("document.activeElement.getAttribute('aria-describedby')"), "about-batch_size");
      assert.equal(await dialog.count(), 0);
    }
    // What only the database knows: a rule about two settings.
    await field.fill(`${before}`);
    await page.getByLabel("backoff_cap_secs").fill("1");
    await page.getByLabel("backoff_base_secs").fill("2");
    await save.click();
    await dialog.getByRole("alert").getByText("break the rule").waitFor();
    assert.equal(await dialog.getByRole("button", { name: "Change", exact: true }).isDisabled(), true);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Reset" }).click();
    assert.equal(await size(), before);

    // What is edited outlives a reload.
    await field.fill("77");
    await page.reload();
    assert.equal(await field.inputValue(), "77");
    await save.click();
    await dialog.locator("ins", { hasText: "77" }).waitFor();
    await confirm(page, "Change");
    assert.equal(await size(), 77);
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await until(async () => await size() === before, "the undo");
    await goTo(page, "audit?action=change_settings");
    await page.getByRole("table").getByRole("button", { name: "Undo" }).first().waitFor();
  });

  await step("of two operators who edit one setting, the second is told and overwrites nothing", async () => {
    const [row] = await site.sql<{ batch_size: number; max_retries: number }[]>`
      select batch_size, max_retries from queues.settings where queue = 'analytics'`;
    const stored = async () =>
      (await site.sql`select batch_size from queues.settings where queue = 'analytics'`)[0]!.batch_size as number;
    const theirs = (size: number) =>
      site.sql`update queues.settings set batch_size = ${size} where queue = 'analytics'`;
    const page = await atConsole(site, "queues/analytics/settings");
    const save = page.getByRole("button", { name: /^Look at the changes/ });
    const dialog = page.locator("dialog[open]");
    await page.getByLabel("batch_size").fill("77");
    await save.click();
    await dialog.getByText("1 setting changes").waitFor();
    // Between the dry run and the action.
    await theirs(55);
    await dialog.getByRole("button", { name: "Change", exact: true }).click();
    await dialog.getByRole("alert").getByText("were changed by somebody else meanwhile").waitFor();
    assert.equal(await stored(), 55);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    // The other value is shown, and what was typed is kept.
    await page.getByText("Somebody else has set this to 55").waitFor();
    assert.equal(await page.getByLabel("batch_size").inputValue(), "77");
    await save.click();
    assert.equal(await dialog.count(), 0, "not before one of the two is chosen");
    await page.getByRole("button", { name: "Keep mine" }).click();
    await save.click();
    await dialog.locator("del", { hasText: "55" }).waitFor();
    await confirm(page, "Change");
    assert.equal(await stored(), 77);

    await page.getByLabel("batch_size").fill("88");
    await theirs(66);
    await page.getByText("Somebody else has set this to 66").waitFor();
    await page.getByRole("button", { name: "Take theirs" }).click();
    assert.equal(await page.getByLabel("batch_size").inputValue(), "66");
    await site.sql`update queues.settings set ${site.sql(row as never)} where queue = 'analytics'`;
  });

  await step("messages that wait are withdrawn by a filter, and those in flight are left", async () => {
    await pause("analytics");
    for (const event of ["wanted", "unwanted", "unwanted", "unwanted"]) {
      await site.sql`select pgmq.send('analytics', ${site.sql.json(view({ event }) as never)})`;
    }
    await site.sql`
      update pgmq.q_analytics set read_ct = 1, vt = now() + interval '1 hour'
      where msg_id = (select max(msg_id) from pgmq.q_analytics)`;
    const page = await atConsole(site, "queues/analytics/messages");
    const dialog = page.locator("dialog[open]");
    await page.locator("summary", { hasText: "Withdraw messages" }).click();
    await page.getByLabel("Path").fill("event");
    await page.getByLabel("Value").fill("unwanted");
    await page.getByRole("button", { name: "Withdraw matching" }).click();
    await dialog.getByText("2 messages that wait become dead letters of analytics").waitFor();
    await dialog.getByText("1 more is in flight").waitFor();
    assert.equal(await count(site, "q_analytics"), 4, "a dry run changes nothing");
    await confirm(page, "Withdraw 2");
    await page.locator(".toast").getByText("2 messages of analytics withdrawn.").waitFor();
    assert.deepEqual([await count(site, "q_analytics"), await count(site, "q_analytics_dlq")], [2, 2]);
    const [entry] = await site
      .sql`select action, affected, arguments -> 'filter' ->> 'value' as value from queues.operator_log`;
    assert.deepEqual({ ...entry }, { action: "withdraw", affected: "2", value: "unwanted" });
    // Nothing is lost.
    await goTo(page, "queues/analytics/letters?reason=withdrawn");
    await page.getByRole("button", { name: "Redrive matching" }).click();
    await confirm(page, "Redrive 2");
    assert.equal(await count(site, "q_analytics"), 4);
  });

  await step("a tab that dies between the dry run and the action leaves nothing behind", async () => {
    await pause("analytics");
    await addLetters(site, "analytics", [view(), view()]);
    const page = await atConsole(site, "queues/analytics/letters");
    await page.getByRole("button", { name: "Redrive matching" }).click();
    await page.locator("dialog[open]").getByText("2 dead letters go back").waitFor();
    await page.context().close();
    assert.equal(await count(site, "q_analytics_dlq"), 2);
    assert.equal((await site.sql`select from queues.operator_log`).length, 0);
    // No lock is left either.
    await site.sql`select queues.redrive('analytics')`;
    assert.equal(await count(site, "q_analytics"), 2);
  });

  await step("a dead letter is redriven by the keyboard alone", async () => {
    await pause("analytics");
    const [id] = await addLetters(site, "analytics", [view()]);
    const page = await atConsole(site, `queues/analytics/letters/${id}`);
    await page.locator("[data-outcome=accepted]").waitFor();
    const focused = () => page.evaluate("document.activeElement.textContent") as Promise<string>;
    const tabTo = async (name: string) => {
      // More than once around, as the page may still be loading.
      for (let i = 0; i < 500; i++) {
        await page.keyboard.press("Tab");
        if (await focused() === name) return;
      }
      throw new Error(`the Tab key does not reach \`${name}\``);
    };
    await page.locator("#main").focus();
    await tabTo("Redrive");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").getByText("1 dead letter goes back").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog[open]").waitFor({ state: "detached" });
    assert.equal(await focused(), "Redrive", "the focus returns");
    await page.keyboard.press("Enter");
    await page.locator("dialog[open]").getByRole("button", { name: "Redrive 1" }).and(page.locator(":enabled"))
      .waitFor();
    await tabTo("Redrive 1");
    await page.keyboard.press("Enter");
    await page.locator(".toast").getByText("1 dead letter was sent back").waitFor();
    assert.equal(await count(site, "q_analytics"), 1);
  });

  await step("of two operators who redrive the same letter, the second is told who was first", async () => {
    await pause("analytics");
    const [id] = await addLetters(site, "analytics", [view()]);
    await site.sql`insert into queues.operators (profile_id) values (${ana.id})`;
    try {
      const [first, second] = [
        await atConsole(site, `queues/analytics/letters/${id}`, ana),
        await atConsole(
          site,
          `queues/analytics/letters/${id}`,
        ),
      ];
      for (const page of [first!, second!]) {
        await page.getByRole("button", { name: "Redrive", exact: true }).click();
        await page.locator("dialog[open]").getByText("1 dead letter goes back").waitFor();
      }
      await confirm(first!, "Redrive 1");
      await second!.locator("dialog[open]").getByRole("button", { name: "Redrive 1" }).click();
      await second!.locator("dialog[open]").getByRole("alert").getByText("redriven by ana").waitFor();
      await second!.locator("dialog[open]").getByRole("button", { name: "Look at the list again" }).click();
      assert.equal(await count(site, "q_analytics"), 1);
    } finally {
      await site.sql`delete from queues.operators where profile_id = ${ana.id}`;
    }
  });

  await step("a message is sent, found by what it contains, and its history told", async () => {
    const page = await atConsole(site, "queues/analytics");
    await page.getByRole("button", { name: "Send a message" }).click();
    const dialog = page.locator("dialog[open]");
    await dialog.locator("textarea").fill("{");
    await dialog.getByText("This is not JSON").waitFor();
    await dialog.locator("textarea").fill(JSON.stringify(view({ session_id: "needle-in-a-haystack" })));
    await dialog.locator("[data-outcome=accepted]").waitFor();
    await dialog.getByText("One message is sent to analytics").waitFor();
    await confirm(page, "Send");
    await until(
      async () =>
        (await site.sql`select from pgmq.a_analytics where message ->> 'session_id' = 'needle-in-a-haystack'`)
          .length === 1,
      "the message in the archive",
    );
    await goTo(page, "search");
    await page.getByLabel("Value").fill("needle-in-a-haystack");
    await page.getByRole("search").getByRole("button", { name: "Search" }).click();
    await page.getByRole("table").getByText("Archive").waitFor();
    await page.getByRole("table").getByRole("link").first().click();
    await page.locator(".history .processed").getByText(/^Run [0-9a-f-]{36}$/).waitFor();
    assert.match(page.url(), /queues\/analytics\/messages\/archive\/\d+/);
  });

  await step("a number that a browser cannot keep is neither edited nor changed", async () => {
    await pause("analytics");
    const [row] = await site.sql`
      select pgmq.send('analytics_dlq', '{"queue": "analytics", "msg_id": 1, "message": {"event": "view", "big": 9007199254740993},
        "reason": "invalid_field", "error": "an error", "attempts": 1, "crashes": 0, "history": []}') as id`;
    const page = await atConsole(site, `queues/analytics/letters/${row!.id}`);
    await page.getByText("which a browser cannot keep exactly").waitFor();
    await page.locator("textarea").fill('{"event": "view", "big": 9007199254740995}');
    assert.equal(await page.getByRole("button", { name: "Redrive edited" }).isDisabled(), true);
    await page.getByRole("button", { name: "Take the edit back" }).click();
    await page.getByRole("button", { name: "Redrive", exact: true }).click();
    await confirm(page, "Redrive 1");
    const [message] = await site.sql`select message ->> 'big' as big from pgmq.q_analytics`;
    assert.equal(message!.big, "9007199254740993");
  });

  await step("a moderator decides by keys, and operators who are none are told", async () => {
    const bodies = ["first", "second", "third"];
    for (const body of bodies) {
      await site.sql`
        with comment as (
          insert into comments (post_id, author_id, body, status, decided_at, told)
          values (${posts[0]!}, ${ben.id}, ${body}, 'flagged', now(), '[]') returning id)
        insert into queues.reviews (comment_id) select id from comment`;
    }
    const page = await atConsole(site, "moderation");
    await page.locator(".review").nth(2).waitFor();
    await page.locator(".review").first().focus();
    await page.keyboard.press("j");
    await page.keyboard.press("n");
    await page.keyboard.type("jar");
    await page.keyboard.press("Enter");
    await page.keyboard.press("r");
    await page.locator(".toast").getByText("rejected").waitFor();
    const statuses = async () =>
      (await site.sql`select body, status, note from comments order by created_at`).map((row) =>
        Object.values(row).join()
      );
    assert.deepEqual(await statuses(), ["first,flagged,", "second,rejected,jar", "third,flagged,"]);
    await until(async () => await page.locator(".review").count() === 2, "two reviews");
    await page.locator(".review").first().focus();
    await page.keyboard.press("a");
    await page.locator(".toast").getByText("approved").waitFor();
    assert.deepEqual((await statuses())[0], "first,approved,");
    const [moderator] = await site.sql`delete from queues.moderators where profile_id = ${operator.id} returning *`;
    try {
      await page.reload();
      await page.getByText("Only moderators see this").waitFor();
    } finally {
      await site.sql`insert into queues.moderators ${site.sql(moderator as never)}`;
    }
  });

  await step("what failed is looked at: an upload, and letters in a spreadsheet", async () => {
    await addLetters(site, "analytics", [view({ event: "=cmd()" }), view()], { error: "=1+1" });
    const page = await atConsole(site, "queues/analytics/letters");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    const csv = await Deno.readTextFile(await download.path());
    assert.equal(csv.trim().split("\r\n").length, 3);
    assert.match(csv, /"'=1\+1"/, "what begins with a sign is no formula");

    const path = `${ben.id}/${posts[1]}/scan.bmp`;
    const upload = await fetch(`${site.stack.url}/storage/v1/object/uploads/${path}`, {
      method: "POST",
      headers: { apikey: site.stack.secretKey, "content-type": "image/bmp" },
      // A browser shows it, the feed does not take it.
      body: Uint8Array.from(
        atob("Qk06AAAAAAAAADYAAAAoAAAAAQAAAAEAAAABABgAAAAAAAQAAAATCwAAEwsAAAAAAAAAAAAAAAD/AA=="),
        (c) => c.charCodeAt(0),
      ),
    });
    assert.equal(upload.status, 200, await upload.text());
    await until(
      async () => (await site.sql`select from post_images where path = ${path} and status = 'failed'`).length === 1,
      "the failed picture",
    );
    await goTo(page, "images");
    const row = page.getByRole("row", { name: /scan.bmp/ });
    await row.getByRole("button", { name: "Show the upload" }).click();
    await row.locator("img.upload").waitFor();
    // deno-lint-ignore no-explicit-any
    const isShown = (image: any) => image.complete && image.naturalWidth === 1;
    await until(async () => await row.locator("img.upload").evaluate(isShown), "the picture");
    await site.sql`delete from post_images where path = ${path}`;
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
      // By the page that was asked for, or by the frame around it, which asks as well.
      await page.getByText(/^only operators may do this|^Only operators see this/).first().waitFor();
      assert.equal(await page.getByRole("table").count(), 0);
    } finally {
      await site.sql`insert into queues.operators ${site.sql(gone as never)}`;
    }
  });

  assert.deepEqual(site.problems, []);
});
