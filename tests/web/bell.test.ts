/** The bell in Chromium, over the whole stack. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest } from "../browser.ts";
import { query } from "../../local/stack/database.ts";
import { PASSWORD } from "../../local/stack/people.ts";
import { ROOT } from "../../local/tools/paths.ts";
import { sendNotifications } from "../../web/notifications/src/producer.ts";
import { ana, ben, operator, posts, Site, until } from "./site.ts";

/** With React's development build, whose StrictMode mounts everything twice. */
async function developmentBuild(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command("node", {
    args: ["../node_modules/vite/bin/vite.js", "build", "--mode=development", `--outDir=${folder}`, "--logLevel=warn"],
    cwd: `${ROOT}/web/demo`,
    env: { NODE_ENV: "development" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

await browserTest("the bell rings, and says what is true", async (test, browser) => {
  await using pages = await developmentBuild();
  await using site = await Site.start(browser, pages);
  const step = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      await site.reset();
    });
  const bell = (page: Page) => page.locator(".sn-bell");
  const says = async (page: Page, name: RegExp) => await page.getByRole("button", { name }).first().waitFor();
  const items = (page: Page) => page.locator(".sn-panel .sn-item");

  await step("a like in one window rings the bell in another, in the person's language", async () => {
    const [ofAna, ofBen] = [await site.signedIn(ana), await site.signedIn(ben)];
    await says(ofAna, /^No hay notificaciones sin leer$/);
    await ofBen.locator("article.post").first().getByRole("button", { name: "Like" }).click();
    await says(ofAna, /^1 notificación sin leer$/);
    await bell(ofAna).click();
    await items(ofAna).getByText("ben").waitFor();
    // The other window shows the count as well, without a reload.
    await ofAna.locator("article.post").first().getByText("1 like").waitFor();
  });

  await step("a second like joins the first in place, and the last unlike takes it away", async () => {
    const page = await site.signedIn(ana);
    await site.like(ben, posts[0]!);
    await bell(page).click();
    await items(page).first().waitFor();
    await site.like(operator, posts[0]!);
    await until(async () => /operator/.test((await items(page).allInnerTexts()).join()), "the second name");
    assert.equal(await items(page).count(), 1);
    await says(page, /^1 notificación/);
    await site.like(operator, posts[0]!);
    await site.like(ben, posts[0]!);
    await page.locator(".sn-empty").waitFor();
    await says(page, /^No hay/);
  });

  await step("what is read in one tab is read in the other, at once", async () => {
    await site.notified(ana, ["one", "two", "three"]);
    const first = await site.signedIn(ana);
    const second = await first.context().newPage();
    await second.goto(site.url);
    await says(second, /^3 notif/);
    await bell(first).click();
    await bell(second).click();
    await items(second).nth(2).waitFor();
    await items(first).nth(1).getByRole("button", { name: "Más" }).click();
    await first.getByRole("button", { name: "Marcar como leída" }).click();
    for (const tab of [first, second]) {
      await says(tab, /^2 notif/);
      await until(async () => await tab.locator(".sn-item[data-unread=true]").count() === 2, "two unread");
    }
    await second.getByRole("button", { name: "Marcar todas" }).click();
    for (const tab of [first, second]) await says(tab, /^No hay/);
    await until(
      async () => (await site.sql`select from notifications where read_at is null`).length === 0,
      "the marks to be saved",
    );
  });

  await step("a mark that cannot be saved is taken back", async () => {
    await site.notified(ana, ["one", "two"]);
    const page = await site.signedIn(ana);
    await bell(page).click();
    await items(page).nth(1).waitFor();
    await site.sql`revoke execute on function public.mark_all_notifications_read from authenticated`;
    try {
      await page.getByRole("button", { name: "Marcar todas" }).click();
      await page.getByRole("alert").waitFor();
      await says(page, /^2 notif/);
      assert.equal(await page.locator(".sn-item[data-unread=true]").count(), 2);
    } finally {
      await site.sql`grant execute on function public.mark_all_notifications_read to authenticated`;
    }
  });

  await step("the badge ends at 99+, the list goes on by itself, and the tab shows only what is unread", async () => {
    await site.notified(ana, Array.from({ length: 130 }, (_, i) => `number ${i}`));
    await site.sql`update notifications set read_at = now() where body ~ '[05]$'`;
    const page = await site.signedIn(ana);
    await until(async () => await page.locator(".sn-badge").innerText() === "99+", "99+");
    await says(page, /^99\+ notificaciones/);
    await bell(page).click();
    await items(page).first().waitFor();
    await until(async () => {
      await items(page).last().scrollIntoViewIfNeeded();
      return await items(page).count() === 130;
    }, "all pages");
    const texts = await page.locator(".sn-text").allInnerTexts();
    assert.equal(new Set(texts).size, 130);
    await page.getByRole("tab", { name: "Sin leer" }).click();
    await items(page).first().waitFor();
    await until(async () => await page.locator(".sn-item[data-unread=false]").count() === 0, "only unread ones");
    assert.equal(await page.locator(".sn-text").first().innerText(), "number 1");
  });

  await step("people's texts are text", async () => {
    const hostile = [
      `<img src=x onerror=alert(1)>`,
      `<script>alert(1)</script>`,
      `{{constructor.constructor('alert(1)')()}}`,
      `"><svg onload=alert(1)>`,
      `\u202ejavascript:alert(1)`,
      "A".repeat(300),
    ];
    await site.notified(ana, hostile, {
      data: site.sql.json({ comment: `<b onclick=alert(1)>hi</b>`, actor_profile_id: ben.id }),
    });
    await site.notified(ana, ["to nowhere"], { url: "javascript:alert(1)", updated_at: new Date() });
    await site.notified(ana, ["to elsewhere"], { url: "//evil.example/", updated_at: new Date() });
    await site.sql`update profiles set username = ${hostile[0]!} where id = ${ben.id}`;
    await site.sql`update posts_new set caption = ${hostile[1]!} where id = ${posts[1]!}`;
    try {
      const page = await site.signedIn(ana);
      await bell(page).click();
      await items(page).nth(7).waitFor();
      const texts = await page.locator(".sn-text").allInnerTexts();
      for (const text of hostile) assert.ok(texts.includes(text), text);
      assert.deepEqual(await page.locator(".sn-panel :is(img, script, b)").count(), 0);
      const links = await Promise.all(
        (await page.locator(".sn-panel a").all()).map((link) => link.getAttribute("href")),
      );
      assert.deepEqual(new Set(links), new Set([`/posts/${posts[0]}`]));
      await page.getByAltText(hostile[1]!, { exact: true }).waitFor();
      assert.equal(await page.locator("main").getByText(hostile[1]!).count(), 1);
      assert.equal(await page.locator("main script, main img:not([alt]), main [onerror]").count(), 0);
      assert.equal(await page.getByAltText(hostile[1]!, { exact: true }).count(), 1);
      assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "reaches beyond 390 px");
    } finally {
      await site.sql`update profiles set username = ${ben.name} where id = ${ben.id}`;
      await site.sql`update posts_new set caption = 'First snow on the ridge' where id = ${posts[1]!}`;
    }
  });

  await step("likes that come too fast are taken back, and say when to try again", async () => {
    // So slow that the page shows the wait for as long as it is looked at.
    const [usual] = await site.sql`select per_minute, burst from queues.rate_limits where action = 'like'`;
    await site.sql`update queues.rate_limits set per_minute = 1, burst = 3 where action = 'like'`;
    try {
      const page = await site.signedIn(ben);
      await page.clock.install();
      const post = page.locator("article.post").first();
      const like = post.getByRole("button", { name: /^Liked?$/ });
      for (let n = 0; n < 4; n++) {
        const before = await like.getAttribute("aria-pressed");
        await like.click();
        if (n < 3) await until(async () => await like.getAttribute("aria-pressed") !== before, "the like");
      }
      await post.locator(".wait").getByText(/Try again in \d+ s/).waitFor();
      assert.ok(await like.isDisabled());
      const [counted] = await site.sql`select likes::int from posts_new where id = ${posts[0]!}`;
      assert.equal(counted!.likes, 1);
      await post.getByText("1 like", { exact: true }).waitFor();
      assert.equal(await like.getAttribute("aria-pressed"), "true");
      // And then it works again.
      await page.clock.fastForward("01:05");
      await until(() => like.isEnabled(), "the end of the wait");
    } finally {
      await site.sql`update queues.rate_limits set ${site.sql(usual as never)} where action = 'like'`;
    }
  });

  await step("what happened while Realtime was away is there when it is back", async () => {
    const page = await site.signedIn(ana);
    await until(() => site.stack.realtime!.channels > 0, "the channel");
    await bell(page).click();
    await page.locator(".sn-empty").waitFor();
    site.proxy.leave();
    await site.like(ben, posts[0]!);
    await until(async () => (await site.sql`select from notifications`).length === 1, "the notification");
    site.proxy.comeBack();
    await items(page).first().waitFor();
    await says(page, /^1 notif/);
    // And it is live again.
    await until(() => site.stack.realtime!.channels > 0, "the channel");
    await site.like(ben, posts[2]!);
    await says(page, /^2 notif/);
  });

  await step("a channel that Realtime closed, as after a sleep, is joined again", async () => {
    const page = await site.signedIn(ana);
    await until(() => site.stack.realtime!.channels > 0, "the channel");
    site.stack.realtime!.expire();
    assert.equal(site.stack.realtime!.channels, 0);
    await site.like(ben, posts[0]!);
    await says(page, /^1 notif/);
    await until(() => site.stack.realtime!.channels > 0, "the channel");
  });

  await step("where broadcasts are not allowed, the number is asked for", async () => {
    const mayHear = (role: string) =>
      site.sql.unsafe(`alter policy "people hear their own notifications" on realtime.messages to ${role}`);
    await mayHear("service_role");
    try {
      const page = await site.signedIn(ana);
      await says(page, /^No hay/);
      await site.like(ben, posts[0]!);
      await says(page, /^1 notif/);
      // Only the counts of posts are live. A page of the step before may still be leaving.
      await until(() => site.stack.realtime!.channels === 1, "one channel");
    } finally {
      await mayHear("authenticated");
    }
  });

  await step("preferences change what arrives, and a mute keeps somebody away", async () => {
    const page = await site.signedIn(ana);
    await bell(page).click();
    await page.getByRole("button", { name: "Ajustes" }).click();
    await page.getByRole("switch", { name: "Correo" }).click();
    await page.getByLabel("Desde").fill("22:00");
    await page.getByLabel("Hasta").fill("07:30");
    await until(async () => {
      const [row] = await site
        .sql`select email_notifications, quiet_from::text, quiet_until::text from profiles where id = ${ana.id}`;
      return row!.email_notifications === false && row!.quiet_from === "22:00:00" && row!.quiet_until === "07:30:00";
    }, "the preferences");
    await page.getByLabel("Idioma").selectOption("en");
    await page.getByRole("button", { name: "Back" }).click();
    await site.like(ben, posts[0]!);
    await items(page).first().waitFor();
    const reasons = await site.sql`select channel, reason from queues.notification_deliveries where channel = 'email'`;
    assert.deepEqual([...reasons], [{ channel: "email", reason: "preference_off" }]);
    await items(page).first().getByRole("button", { name: "More" }).click();
    await page.getByRole("button", { name: "Mute this person" }).click();
    await page.getByRole("button", { name: "Mute this person" }).click();
    await page.getByText("Muted.").waitFor();
    await site.like(ben, posts[2]!);
    await site.like(operator, posts[2]!);
    await until(async () => await items(page).count() === 2, "the other person's like");
    assert.doesNotMatch(await items(page).first().innerText(), /ben/);
  });

  await step("a slow database: the page says that it loads, and what was typed stays", async () => {
    await site.notified(ana, ["one"]);
    const page = await site.signedIn(ana, `/posts/${posts[1]}`);
    await page.getByLabel("Add a comment").fill("¡Qué luz!");
    const { promise, resolve } = Promise.withResolvers<void>();
    site.proxy.onCall = async () => {
      await promise;
      return "pass";
    };
    try {
      await page.reload();
      await bell(page).click();
      await page.getByRole("status", { name: /Loading|Cargando/ }).waitFor();
      assert.equal(await page.getByLabel("Add a comment").inputValue(), "¡Qué luz!");
      resolve();
      await items(page).first().waitFor();
    } finally {
      resolve();
      site.proxy.onCall = () => Promise.resolve("pass");
    }
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Send" }).click();
    await page.locator(".comment").getByText("¡Qué luz!").waitFor();
    assert.equal(await page.getByLabel("Add a comment").inputValue(), "");
  });

  await step("without a connection the page says so, keeps what it has, and saves later", async () => {
    await site.notified(ana, ["one", "two"]);
    const page = await site.signedIn(ana);
    await bell(page).click();
    await items(page).nth(1).waitFor();
    await page.context().setOffline(true);
    await page.locator(".sn-offline").waitFor();
    await page.getByRole("button", { name: "Marcar todas" }).click();
    await says(page, /^No hay/);
    assert.equal(await items(page).count(), 2);
    await page.context().setOffline(false);
    await until(
      async () => (await site.sql`select from notifications where read_at is null`).length === 0,
      "the marks",
    );
    await says(page, /^No hay/);
  });

  await step("a session that was ended elsewhere is over, and what was typed stays", async () => {
    await site.notified(ana, ["secret"]);
    const page = await site.signedIn(ana, `/posts/${posts[1]}`);
    await page.getByLabel("Add a comment").fill("¡Qué luz!");
    await query(site.stack.adminDatabaseUrl, (sql) => sql`delete from auth.sessions`);
    // The token has expired by the time of the next visit.
    await page.evaluate(`for (const key of Object.keys(localStorage)) {
      if (key.startsWith("sb-")) localStorage[key] = JSON.stringify({ ...JSON.parse(localStorage[key]), expires_at: 1 });
    }`);
    await page.reload();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    assert.equal(await bell(page).count(), 0);
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.fill("input[type=email]", ana.email);
    await page.fill("input[type=password]", PASSWORD);
    await page.click("form.sign-in button[type=submit]");
    await bell(page).waitFor();
    await page.goto(`${site.url}/posts/${posts[1]}`);
    assert.equal(await page.getByLabel("Add a comment").inputValue(), "¡Qué luz!");
  });

  await step("who signs out leaves nothing behind", async () => {
    await site.notified(ana, ["secret"]);
    const page = await site.signedIn(ana);
    await bell(page).click();
    await items(page).first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    assert.equal(await page.getByText("secret").count(), 0);
    await until(async () => await page.locator(".sn-bell").count() === 0, "no bell");
  });

  await step("StrictMode and repeated opening make no second channel and leave nothing behind", async () => {
    const page = await site.signedIn(ana);
    // One for the person, one for the counts of posts.
    await until(() => site.stack.realtime!.channels === 2, "two channels");
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const listeners = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "JSEventListeners")!.value;
    };
    const openAndClose = async () => {
      await bell(page).click();
      await page.locator(".sn-empty").waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".sn-inbox").waitFor({ state: "detached" });
    };
    await openAndClose();
    const before = await listeners();
    for (let i = 0; i < 15; i++) await openAndClose();
    // Those of calls under way go with their calls.
    let after = before;
    await until(async () => (after = await listeners()) <= before + 10, () => `${before} listeners, not ${after}`);
    await until(() => site.stack.realtime!.channels === 2, "two channels still");
  });

  await step("a typed message of the app's server rings as well", async () => {
    const page = await site.signedIn(ana);
    await site.sql.begin((sql) =>
      sendNotifications((text, values) => sql.unsafe(text, values as never), {
        type: "new_follower",
        recipient_id: ana.id,
        actor_profile_id: ben.id,
      })
    );
    await says(page, /^1 notif/);
    await bell(page).click();
    assert.match(await items(page).first().innerText(), /ben/);
  });

  await step("an empty project says that it is empty", async () => {
    await site.sql`delete from posts_new`;
    const page = await site.signedIn(ana);
    await page.getByText("There are no photos yet.").waitFor();
    await bell(page).click();
    await page.locator(".sn-empty").waitFor();
  });
});
