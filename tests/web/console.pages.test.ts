/** Every page of the console with data, and its dialogs, in both themes: for everyone, on a phone, and small. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { consoleBytes } from "../../local/bench/console.ts";
import { browserTest } from "../browser.ts";
import { beyondTheEdge, violations } from "./looks.ts";
import { addLetters, atConsole, count, goTo, until } from "./operators.ts";
import { ana, ben, posts, Site } from "./site.ts";

/** A folder for screenshots. */
const pictures = Deno.env.get("SCREENSHOTS");

const opens = (name: string | RegExp, inside = ".says strong") => async (page: Page) => {
  await page.getByRole("button", { name }).first().click();
  await page.locator(`dialog[open] ${inside}`).first().waitFor();
};
const shows = (selector: string) => async (page: Page) => await page.locator(selector).first().waitFor();

const views: { name: string; route: string; open: (page: Page) => Promise<void> }[] = [
  { name: "overview", route: "", open: shows(".queue .spark") },
  { name: "charts", route: "queues/analytics", open: shows(".uplot canvas") },
  { name: "pause", route: "queues/analytics", open: opens("Pause") },
  { name: "send", route: "queues/analytics", open: opens("Send a message", "[data-outcome]") },
  { name: "messages", route: "queues/analytics/messages?box=archive", open: shows("tbody tr") },
  { name: "message", route: "queues/analytics/messages/archive/1", open: shows(".history") },
  {
    name: "withdraw",
    route: "queues/analytics/messages",
    open: async (page) => {
      await page.locator("summary", { hasText: "Withdraw messages" }).click();
      await opens("Withdraw matching")(page);
    },
  },
  { name: "letters", route: "queues/analytics/letters", open: shows("tbody tr") },
  { name: "redrive", route: "queues/analytics/letters?reason=invalid_field", open: opens("Redrive matching") },
  { name: "letter", route: "queues/analytics/letters/1", open: shows("[data-outcome=rejected]") },
  { name: "runs", route: "queues/analytics/runs", open: shows("tbody tr") },
  { name: "calls", route: "queues/analytics/calls", open: shows("tbody tr") },
  {
    name: "settings",
    route: "queues/analytics/settings",
    open: async (page) => {
      await page.getByLabel("batch_size").fill("77");
      await opens(/^Look at the changes/)(page);
    },
  },
  { name: "search", route: `search?kind=text&q=${posts[0]}`, open: shows("tbody tr") },
  { name: "deliveries", route: "deliveries", open: shows("tbody tr") },
  { name: "moderation", route: "moderation", open: shows(".review") },
  { name: "images", route: "images", open: shows("tbody tr") },
  { name: "analytics", route: "analytics", open: shows(".bars li") },
  { name: "limits", route: "limits", open: shows("tbody tr") },
  { name: "alerts", route: "alerts", open: shows("tbody tr") },
  { name: "audit", route: "audit", open: shows("tbody tr") },
];

await browserTest("the console is for everyone", async (test, browser) => {
  await using site = await Site.start(browser);
  await fill(site);
  // What is beyond the edge does not depend on the theme, nor do the colors on the width.
  for (const [colorScheme, width, height] of [["light", 390, 844], ["dark", 1280, 900]] as const) {
    const page = await atConsole(site, "", undefined, {
      colorScheme,
      viewport: { width, height },
      reducedMotion: "reduce",
    });
    for (const { name, route, open } of views) {
      await test.step(`${name}, ${colorScheme}, ${width} px`, async () => {
        await page.evaluate("sessionStorage.clear()");
        await page.goto("about:blank");
        await page.goto(`${site.consoleUrl}/#/${route}`);
        await open(page);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(await beyondTheEdge(page), []);
        if (pictures) await page.screenshot({ path: `${pictures}/console-${name}.${colorScheme}.${width}.png` });
      });
    }
  }

  await test.step("it speaks Spanish, and remembers the theme and the language", async () => {
    const page = await atConsole(site, "", undefined, { locale: "es-ES" });
    await page.getByRole("heading", { name: "Resumen" }).waitFor();
    // Also what the database says: the reason, the remedy and when it was.
    const paused = page.locator("li.queue", { hasText: "like_events" });
    await paused.getByText(/^en pausa, con \d+ mensajes? visibles?$/).waitFor();
    await paused.locator("code", { hasText: "select queues.resume('like_events')" }).waitFor();
    await goTo(page, "queues/analytics/letters/1");
    await page.getByText("`timestamp` no es una fecha y hora").first().waitFor();
    await page.getByText(/^· hace /).first().waitFor();
    await goTo(page, "queues/analytics/settings");
    await page.getByText("El máximo de ejecuciones simultáneas.").waitFor();
    await goTo(page, "");
    await page.getByLabel("Idioma").selectOption("en");
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.getByLabel("Theme").selectOption("dark");
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(await page.evaluate("document.documentElement.dataset.theme"), "dark");
    assert.equal(await page.evaluate("document.documentElement.lang"), "en");
  });

  await test.step("of a remedy its statement alone is copied", async () => {
    const page = await atConsole(site, "alerts");
    // The clipboard itself belongs to whatever has the focus of the machine.
    await page.evaluate("navigator.clipboard.writeText = (text) => Promise.resolve(globalThis.copied = text)");
    await page.locator(".remedy", { hasText: "or leave it" }).getByRole("button", { name: "Copy" }).click();
    assert.equal(await page.evaluate("globalThis.copied"), "select queues.resume('like_events')");
  });

  await test.step("a problem of several limits is shown once, and reasons in words", async () => {
    const page = await atConsole(site, "limits");
    const problem = page.getByText("addresses are not limited");
    await problem.waitFor();
    assert.equal(await problem.count(), 1);
    await goTo(page, "moderation");
    await page.locator(".review dd", { hasText: "link (example.com), near duplicate" }).waitFor();
    await page.locator(".review dd", { hasText: "spam 93.4%, offence 12%" }).waitFor();
    await goTo(page, "queues/analytics");
    await page.locator(".uplot canvas").first().waitFor();
    assert.equal(await page.locator("#menu [aria-current]").count(), 0, "no page of the menu is this one");
  });

  await test.step("an address that nobody knows leads back", async () => {
    const page = await atConsole(site, "nowhere/%E0%A4%A");
    await page.getByText("There is no such page.").waitFor();
    await goTo(page, "queues/nobody");
    await page.getByText("There is no queue `nobody`").waitFor();
    await page.getByRole("link", { name: "Back to the overview" }).click();
    await page.locator(".queue").first().waitFor();
  });

  assert.deepEqual(site.problems, []);
});

Deno.test("the console is small", async () => {
  const { own, all } = await consoleBytes();
  assert.ok(own < 70_000, `own code: ${own} bytes`);
  assert.ok(all < 220_000, `all but the core: ${all} bytes`);
});

/** Something on every page. */
async function fill(site: Site): Promise<void> {
  const event = { event: "view", timestamp: new Date().toISOString(), post_id: posts[0] };
  for (let i = 0; i < 3; i++) await site.sql`select queues.send('analytics', ${site.sql.json(event)})`;
  await until(async () => await count(site, "a_analytics") === 3, "the events");
  await site.sql`update queues.settings set paused = true where queue = 'like_events'`;
  await addLetters(site, "analytics", [{ ...event, timestamp: "yesterday" }, { ...event, timestamp: "tomorrow" }]);
  await site.sql`
    insert into queues.samples (queue, at, verdict, visible, in_flight, counters)
    select 'analytics', now() - i * interval '1 minute', 'ok', i % 7, i % 3, jsonb_build_object('processed', 900 - i * 9, 'retried', 90 - i,
      'dead_lettered', 0, 'expired', 0) from generate_series(2, 50) i`;
  await site.sql`
    with comment as (
      insert into comments (post_id, author_id, body, status, decided_at, told, reasons, scores)
      values (${posts[0]!}, ${ben.id}, 'Buy followers', 'flagged', now(), '[]',
        '[{"code": "link", "found": "example.com"}, {"code": "near_duplicate", "found": null}]', '{"offence": 0.12, "spam": 0.934}')
      returning id)
    insert into queues.reviews (comment_id) select id from comment`;
  await site.sql`
    insert into post_images (post_id, owner_id, status, reason, error, processed_at, bucket, path, size_bytes, format)
    values (gen_random_uuid(), ${ana.id}, 'failed', 'unsupported_format', 'this is no picture', now(), 'uploads', 'holiday.heic', 4000000, 'heic')`;
  await site.sql`
    insert into queues.alerts (queue, verdict, reason, remedy, since) values ('like_events', 'failing', 'a reason',
      ${"`select queues.resume('like_events')`, or leave it"}, now())`;
  await site.notified(ana, ["ben liked your photo"]);
  await site.sql`
    insert into queues.notification_deliveries (notification_id, recipient_id, channel, status, reason, settled_at)
    select id, recipient_id, 'email', 'skipped', 'no_provider', now() from notifications`;
  await site.sql`
    insert into queues.operator_log (operator_id, action, queue, arguments, affected, result) values (${ana.id}, 'change_settings', 'analytics',
      '{"queue": "analytics", "changes": {"batch_size": 500}}', 1, '{"before": {"batch_size": 1000}, "after": {"batch_size": 500}}')`;
}
