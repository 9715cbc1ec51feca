/** Every page with data, in both themes: nothing that axe finds serious, and on a phone nothing beyond the edge. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { browserTest } from "../browser.ts";
import { beyondTheEdge, violations } from "./looks.ts";
import { photo } from "../images/pictures.ts";
import { ana, ben, operator, posts, Site, until } from "./site.ts";

/** A folder for screenshots. */
const pictures = Deno.env.get("SCREENSHOTS");

const views: { name: string; path: string; guest?: boolean; open?: (page: Page) => Promise<void> }[] = [
  { name: "feed", path: "/", open: (page) => drawn(page, 2) },
  {
    name: "publish",
    path: "/",
    open: async (page) => {
      await page.getByLabel("New photo").setInputFiles({
        name: "photo.jpg",
        mimeType: "image/jpeg",
        buffer: Buffer.from(photo(640, 480)),
      });
      await page.locator("form.publish textarea").waitFor();
      await page.locator("article.post [role=alert]").waitFor();
    },
  },
  {
    name: "bell",
    path: "/",
    open: async (page) => {
      await drawn(page, 2);
      await page.locator(".sn-bell").click();
      await page.locator(".sn-item").first().waitFor();
    },
  },
  {
    name: "menu",
    path: "/",
    open: async (page) => {
      await page.locator(".sn-bell").click();
      await page.locator(".sn-more").first().click();
      await page.locator(".sn-menu:popover-open button").last().click();
      await page.locator(".sn-menu .sn-main").waitFor();
    },
  },
  { name: "inbox", path: "/notifications", open: (page) => page.locator(".sn-item").first().waitFor() },
  { name: "settings", path: "/settings", open: (page) => page.getByRole("switch").first().waitFor() },
  { name: "post", path: `/posts/${posts[0]}`, open: (page) => page.locator(".comment").first().waitFor() },
  {
    name: "report",
    path: `/posts/${posts[0]}`,
    open: async (page) => {
      await page.locator(".comment").getByRole("button", { name: "Report" }).first().click();
      await page.locator("dialog[open]").waitFor();
    },
  },
  {
    name: "appeal",
    path: `/posts/${posts[0]}`,
    open: async (page) => {
      await page.getByRole("button", { name: "Appeal" }).click();
      await page.locator("dialog[open] textarea").waitFor();
    },
  },
  { name: "sign-in", path: "/sign-in", guest: true, open: (page) => page.locator("form.sign-in").waitFor() },
  {
    name: "unsubscribe",
    path: "/unsubscribe?token=x",
    guest: true,
    open: (page) => page.locator(".sn-unsubscribe").waitFor(),
  },
];

await browserTest("the pages are for everyone", async (test, browser) => {
  await using site = await Site.start(browser);
  await site.sql`update profiles set language = 'en'`;
  await site.like(ben, posts[0]!);
  await site.like(operator, posts[0]!);
  await site.notified(ana, [
    "ben commented on your photo",
    "operator mentioned you in a comment",
    "ben started following you",
  ]);
  await site.sql`update notifications set read_at = now() where body ~ 'following'`;
  await site.sql`insert into comments (post_id, author_id, body, status, decided_at, told) values
    (${posts[0]!}, ${ben.id}, '¡Qué luz!', 'approved', now(), '[]'), (${posts[
    0
  ]!}, ${ana.id}, 'Gracias', 'pending', null, '[]')`;
  await site.sql`
    insert into comments (post_id, author_id, body, status, decided_at, told, reasons)
    values (${posts[0]!}, ${ana.id}, 'Compra ya', 'rejected', now(), '[]', '[{"code": "spam_phrase"}]')`;
  await site.sql`
    with post as (
      insert into posts_new (profile_id, caption, created_at) values (${ana.id}, 'Faro', now() - interval '1 day') returning id)
    insert into post_images (post_id, owner_id, bucket, path, status, reason, error, processed_at)
    select id, ${ana.id}, 'uploads', 'faro', 'failed', 'corrupt', 'the file contradicts itself', now() from post`;
  await until(async () => (await site.sql`select from notifications`).length >= 4, "the notification of the like");

  for (const colorScheme of ["light", "dark"] as const) {
    const options = { colorScheme, reducedMotion: "reduce" as const };
    const signedIn = await site.signedIn(ana, "/", options);
    const guest = await (await site.context(options)).newPage();
    for (const { name, path, guest: isGuest, open } of views) {
      await test.step(`${name}, ${colorScheme}`, async () => {
        const page = isGuest ? guest : signedIn;
        await page.goto(site.url + path);
        await open?.(page);
        assert.deepEqual(await violations(page), []);
        assert.deepEqual(await beyondTheEdge(page), []);
        const small = await page.locator("button:visible").evaluateAll((all) =>
          // deno-lint-ignore no-explicit-any
          all.map((button: any) => button.getBoundingClientRect()).filter(({ height }) => height < 24).length
        );
        assert.equal(small, 0, "buttons that a finger misses");
        if (pictures) await page.screenshot({ path: `${pictures}/${name}.${colorScheme}.jpg`, quality: 85 });
      });
    }
  }

  await test.step("the keyboard does it all: opens, chooses, marks, closes, and gets the focus back", async () => {
    const page = await site.signedIn(ana);
    await page.locator(".sn-bell").focus();
    await page.keyboard.press("Enter");
    await page.locator(".sn-item").first().waitFor();
    await page.getByRole("tab", { name: "All" }).focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.getByRole("tab", { name: "Unread" }).getAttribute("aria-selected"), "true");
    await page.locator(".sn-item[data-unread=true] .sn-more").first().focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until(async () => await page.locator(".sn-badge").innerText() === "2", "two unread");
    await page.keyboard.press("Escape");
    await until(async () => await page.locator(".sn-panel").isHidden(), "the closed panel");
    await until(() => page.evaluate("document.activeElement.classList.contains('sn-bell')"), "the focus on the bell");
  });

  await test.step("an item leads to what it is about, without a reload", async () => {
    const page = await site.signedIn(ana);
    await page.evaluate("window.kept = true");
    await page.locator(".sn-bell").click();
    await page.locator("a.sn-text").first().click();
    await page.waitForURL(/\/posts\//);
    assert.equal(await page.evaluate("window.kept"), true);
  });

  await test.step("the link of an email ends the emails, only after a confirmation", async () => {
    const [row] = await site.sql`select queues.unsubscribe_token(${ben.id}) as token`;
    const page = await (await site.context()).newPage();
    await page.goto(`${site.url}/unsubscribe?token=${row!.token}`);
    const button = page.getByRole("button", { name: "Unsubscribe from emails" });
    await button.waitFor();
    const isOn = async () =>
      (await site.sql`select email_notifications as is_on from profiles where id = ${ben.id}`)[0]!.is_on;
    assert.equal(await isOn(), true);
    await button.click();
    await page.getByText("You are unsubscribed.").waitFor();
    assert.equal(await isOn(), false);
    await page.goto(`${site.url}/unsubscribe?token=${ben.id}.email.${"0".repeat(64)}`);
    await page.getByRole("button").last().click();
    await page.getByText("This link is not valid.").waitFor();
  });

  await test.step("a browser gets pushes after the switch, and none after it is off", async () => {
    const context = await site.context({ permissions: ["notifications"] });
    // The push service of the browser cannot be reached from here: this answers in its place.
    await context.addInitScript(`
      const made = { endpoint: "https://fcm.googleapis.com/fcm/send/abc", options: { applicationServerKey: null },
        toJSON: () => ({ endpoint: made.endpoint, keys: {
          p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM", auth: "tBHItJI5svbpez7KI4CCXg" } }),
        unsubscribe: async () => (sessionStorage.removeItem("pushed"), true) };
      PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
        made.options.applicationServerKey = applicationServerKey.buffer;
        sessionStorage.setItem("pushed", "1");
        return made;
      };
      PushManager.prototype.getSubscription = async () => sessionStorage.getItem("pushed") ? made : null;`);
    const page = await context.newPage();
    await page.goto(`${site.url}/sign-in`);
    await page.fill("input[type=email]", ana.email);
    await page.fill("input[type=password]", "suplatzigram");
    await page.click("form.sign-in button[type=submit]");
    await page.locator(".sn-bell").waitFor();
    await page.goto(`${site.url}/settings`);
    const device = () => site.sql`select token from devices where profile_id = ${ana.id}`;
    const toggle = page.getByRole("switch", { name: "Notifications on this device" });
    await until(() => toggle.isEnabled(), "the switch");
    await toggle.click();
    await until(async () => (await device()).length === 1, "the device");
    // What arrives is shown by the worker, which the browser really runs.
    const session = await context.newCDPSession(page);
    const registered = Promise.withResolvers<string>();
    session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
      if (registrations[0]) registered.resolve(registrations[0].registrationId);
    });
    await session.send("ServiceWorker.enable");
    const push = {
      origin: site.url,
      registrationId: await registered.promise,
      data: JSON.stringify({
        title: "New like",
        body: "<b>ben</b>",
        notification_id: "n1",
        link: `${site.url}/posts/${posts[0]}`,
      }),
    };
    const shown = () =>
      page.evaluate(`navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) =>
        all.map(({ title, body, tag }) => [title, body, tag].join("|")).join())`);
    // Chromium drops one that comes before the worker is active. Repeated ones replace the first.
    await until(async () => {
      await session.send("ServiceWorker.deliverPushMessage", push);
      return await shown() === "New like|<b>ben</b>|n1";
    }, "the notification of the system");
    await until(() => toggle.isEnabled(), "the switch");
    await toggle.click();
    await until(async () => (await device()).length === 0, "no device");
  });

  assert.deepEqual(site.problems, []);
});

/** Waits until the first pictures of the feed are. */
async function drawn(page: Page, count: number): Promise<void> {
  await until(
    () =>
      page.locator("article.post img").evaluateAll((all, count) =>
        // deno-lint-ignore no-explicit-any
        all.length >= count && all.slice(0, count).every((image: any) => image.naturalWidth > 0), count),
    "the pictures",
  );
}
