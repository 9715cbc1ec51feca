/** What people do with each other in Chromium, over the whole stack: trends, appeals, blocks. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { browserTest } from "../browser.ts";
import { ana, ben, operator, posts, Site, until } from "./site.ts";

await browserTest("people hear of each other as far as they want to", async (test, browser) => {
  await using site = await Site.start(browser);
  const step = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      await site.reset();
    });
  const as = async (person: typeof ana, call: string) => {
    await site.sql.begin(async (sql) => {
      const claims = JSON.stringify({ sub: person.id, role: "authenticated" });
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      const [row] = await sql.unsafe(`select ${call} as answer`);
      assert.equal(row!.answer.success, true, JSON.stringify(row));
    });
  };
  const comment = (page: Page, body: string) => page.locator("article.comment").filter({ hasText: body });

  await step("what was liked lately is shown best first, with its photo, and leads to its post", async () => {
    await site.like(ben, posts[2]!);
    await site.like(operator, posts[2]!);
    await site.like(operator, posts[0]!);
    await until(async () => (await site.sql`select * from trending_posts()`).length === 2, "the trends");
    const page = await (await site.context()).newPage();
    await page.goto(site.url);
    const links = page.getByRole("region", { name: "Trending" }).getByRole("link");
    await until(async () => await links.count() === 2, "both posts");
    const places = await Promise.all((await links.all()).map((link) => link.getAttribute("href")));
    assert.deepEqual(places, [`/posts/${posts[2]}`, `/posts/${posts[0]}`]);
    const picture = page.getByRole("region", { name: "Trending" }).getByAltText("Mercado de sábado");
    await until(
      () => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0),
      "the photo",
    );
    assert.match((await picture.getAttribute("srcset"))!, /100w.*400w/);
    await links.first().click();
    await page.getByRole("heading", { name: "Photo by ana" }).waitFor();
  });

  await step("the author of a rejected comment learns why, appeals once, and is published after all", async () => {
    const page = await site.signedIn(ben, `/posts/${posts[0]}`);
    await page.getByLabel("Add a comment").fill(
      "Gana dinero rápido desde casa, escríbeme al WhatsApp https://bit.ly/dinero",
    );
    await page.getByRole("button", { name: "Send" }).click();
    const own = comment(page, "Gana dinero");
    await own.getByText("Not published").waitFor();
    await own.getByText("It looks like advertising.").waitFor();
    // Nobody else sees it.
    const other = await site.signedIn(ana, `/posts/${posts[0]}`);
    await other.getByText("No comments yet").waitFor();

    await own.getByRole("button", { name: "Appeal" }).click();
    const dialog = page.getByRole("dialog", { name: "Appeal" });
    await dialog.getByRole("textbox").fill("Era una broma <b>mía</b>");
    site.proxy.leave();
    await dialog.getByRole("button", { name: "Appeal" }).click();
    await dialog.getByRole("alert").waitFor();
    assert.equal(await dialog.getByRole("textbox").inputValue(), "Era una broma <b>mía</b>");
    site.proxy.comeBack();
    await dialog.getByRole("button", { name: "Appeal" }).click();
    await own.getByText("You have appealed.").waitFor();
    assert.equal(await own.getByRole("button", { name: "Appeal" }).count(), 0);
    const [appeal] = await site.sql`select a.comment_id, a.body from queues.appeals a`;
    assert.equal(appeal!.body, "Era una broma <b>mía</b>");

    await as(operator, `public.approve_comment('${appeal!.comment_id}')`);
    await page.reload();
    await own.waitFor();
    assert.equal(await own.getByText("Not published").count(), 0);
    await other.reload();
    await comment(other, "Gana dinero").waitFor();
  });

  await step("who is blocked rings no bell, and neither sees the other's comments", async () => {
    for (const [author, body] of [[ben, "de ben"], [operator, "de operator"]] as const) {
      await site.sql`
        insert into comments (post_id, author_id, body, status, decided_at, told)
        values (${posts[0]!}, ${author.id}, ${body}, 'approved', now(), '[]')`;
    }
    await site.notified(ana, ["ben liked your photo"]);
    const page = await site.signedIn(ana, `/posts/${posts[0]}`);
    await comment(page, "de ben").waitFor();
    await page.locator(".sn-bell").click();
    await page.locator(".sn-more").first().click();
    const menu = page.locator(".sn-menu:popover-open");
    await menu.getByRole("button", { name: "Bloquear" }).click();
    // It is asked for twice, and the first time can be taken back.
    await menu.getByRole("button", { name: "Cancelar" }).click();
    assert.equal((await site.sql`select from queues.hidden_people`).length, 0);
    await menu.getByRole("button", { name: "Bloquear" }).click();
    await menu.getByRole("button", { name: "Bloquear" }).click();
    await menu.getByRole("status").waitFor();
    await site.like(ben, posts[2]!);
    await site.like(operator, posts[2]!);
    const told = async () => (await site.sql`select body from notifications where url = ${`/posts/${posts[2]}`}`);
    await until(async () => (await told()).length === 1, "the other person's like");
    assert.deepEqual((await told()).map(({ body }) => body), ["A operator le gustó tu foto"]);
    await page.reload();
    await comment(page, "de operator").waitFor();
    assert.equal(await comment(page, "de ben").count(), 0);
  });

  await step("a report reaches the moderators, once", async () => {
    await site.sql`
      insert into comments (post_id, author_id, body, status, decided_at, told)
      values (${posts[0]!}, ${ben.id}, 'de ben', 'approved', now(), '[]')`;
    const page = await site.signedIn(ana, `/posts/${posts[0]}`);
    await comment(page, "de ben").getByRole("button", { name: "Report" }).click();
    const dialog = page.getByRole("dialog", { name: "Report" });
    await dialog.getByLabel("Harassment").check();
    await dialog.getByRole("button", { name: "Report" }).click();
    await comment(page, "de ben").getByText("A moderator will look at it.").waitFor();
    assert.equal(await comment(page, "de ben").getByRole("button", { name: "Report" }).count(), 0);
    const reports = await site.sql`select reason from queues.reports where reporter_id = ${ana.id}`;
    assert.deepEqual(reports.map(({ reason }) => reason), ["harassment"]);
  });

  await step("times move while they are looked at", async () => {
    await site.notified(ana, ["ben liked your photo"]);
    const page = await site.signedIn(ana);
    await page.clock.install();
    await page.locator(".sn-bell").click();
    const time = page.locator(".sn-item time");
    const mins = async () => Number(/^hace (\d+) min$/.exec(await time.innerText())?.[1]);
    await until(async () => await mins() >= 1, "a number of minutes");
    const before = await mins();
    await page.clock.fastForward("03:00");
    await until(async () => await mins() >= before + 3, "three minutes more");
  });

  assert.deepEqual(site.problems, []);
});
