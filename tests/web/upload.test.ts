/** Photos from a person's device to the feed of others, over the whole stack. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Locator, Page } from "playwright-core";
import { browserTest } from "../browser.ts";
import { photo } from "../images/pictures.ts";
import { ana, ben, Site, until } from "./site.ts";

const jpeg = (bytes = photo(900, 600), name = "IMG 0001 ñ.jpg") => ({
  name,
  mimeType: "image/jpeg",
  buffer: Buffer.from(bytes),
});

await browserTest("photos get from a phone into the feed", async (test, browser) => {
  await using site = await Site.start(browser);
  const step = (name: string, work: () => Promise<void>) =>
    test.step(name, async () => {
      await work();
      await site.reset();
    });
  const choose = async (page: Page, caption: string, file = jpeg()) => {
    await page.getByLabel("New photo").setInputFiles(file);
    await page.getByRole("img", { name: "The photo you chose" }).waitFor();
    await page.getByLabel("Caption").fill(caption);
  };
  const publish = (page: Page) => page.getByRole("button", { name: "Publish" }).click();
  const card = (page: Page, caption: string) => page.locator("article.post").filter({ hasText: caption });
  const picture = (page: Page, caption: string) => card(page, caption).locator("img");
  const isLoaded = async (page: Page, caption: string) =>
    await picture(page, caption).count() === 1 && await isDrawn(picture(page, caption));
  const image = async (caption: string) => {
    const [row] = await site.sql`
      select i.* from post_images i join posts_new p on p.id = i.post_id where p.caption = ${caption}`;
    return row;
  };

  await step("what was chosen is shown until the variants are there; others see these alone", async () => {
    const page = await site.signedIn(ben);
    // The worker waits for the upload, so that what is shown before it is done can be looked at.
    const { promise, resolve } = Promise.withResolvers<void>();
    site.stack.storage.onRequest = async ({ role, action, bucket }) => {
      if (role === "service_role" && action === "download" && bucket === "uploads") await promise;
      return undefined;
    };
    try {
      await choose(page, "Niebla");
      await publish(page);
      await card(page, "Niebla").getByRole("status").getByText("being processed").waitFor();
      // A broadcast may show the post before its own request is answered.
      await until(
        async () => /url\("blob:/.test(await background(card(page, "Niebla").locator(".picture"))),
        "what was chosen",
      );
      await until(async () => await page.getByLabel("New photo").inputValue() === "", "an empty form");
      const other = await site.signedIn(ana);
      await other.locator("article.post").first().waitFor();
      assert.equal(await card(other, "Niebla").count(), 0);
      resolve();
      await until(() => isLoaded(page, "Niebla"), "the variant");
      assert.equal(await picture(page, "Niebla").getAttribute("alt"), "Niebla");
      const { variants } = (await image("Niebla"))!;
      for (const width of [400, 900]) {
        assert.match((await picture(page, "Niebla").getAttribute("srcset"))!, new RegExp(`${width}w`));
      }
      const paths: string[] = variants.map(({ path }: { path: string }) => path);
      // What the browser chose is one of them, from the public bucket.
      const source = await property<string>(picture(page, "Niebla"), "currentSrc");
      assert.ok(paths.some((path) => source.endsWith(`/object/public/images/${path}`)), source);
      await other.reload();
      await until(() => isLoaded(other, "Niebla"), "it there");
    } finally {
      resolve();
      site.stack.storage.onRequest = () => Promise.resolve(undefined);
    }
  });

  await step("while a variant is loaded, its ThumbHash is shown in its place", async () => {
    const context = await site.context();
    const { promise, resolve } = Promise.withResolvers<void>();
    await context.route("**/object/public/**", async (route) => {
      await promise;
      await route.continue();
    });
    const page = await context.newPage();
    await page.goto(site.url);
    const first = page.locator("article.post img").first();
    await first.waitFor({ state: "attached" });
    assert.match(await background(first), /url\("data:image\/png;base64,/);
    resolve();
    await until(() => isDrawn(first), "the variant");
  });

  await step("a damaged file shows why, keeps the caption, and another one takes its place", async () => {
    const page = await site.signedIn(ben);
    await choose(page, "Tormenta", jpeg(photo(900, 600).subarray(0, 9_000)));
    await publish(page);
    await card(page, "Tormenta").getByRole("alert").getByText("A part of this file is missing.").waitFor();
    const post = (await image("Tormenta"))!.post_id;
    const other = await site.signedIn(ana);
    await other.locator("article.post").first().waitFor();
    assert.equal(await card(other, "Tormenta").count(), 0);
    await card(page, "Tormenta").getByLabel("Choose another photo").setInputFiles(jpeg());
    await until(() => isLoaded(page, "Tormenta"), "it");
    assert.equal(await card(page, "Tormenta").getByRole("alert").count(), 0);
    const row = (await image("Tormenta"))!;
    assert.deepEqual([row.post_id, row.revision, row.status], [post, 2, "ready"]);
  });

  await step("no picture at all, and one of another kind, are refused in words of both languages", async () => {
    for (
      const [locale, kind, words] of [
        ["en-US", "text", "Save it as JPEG, PNG, WebP or GIF."],
        ["es-ES", "empty", "Este archivo está vacío."],
      ] as const
    ) {
      const page = await site.signedIn(ben, "/", { locale });
      const bytes = kind === "text" ? new TextEncoder().encode("<script>alert(1)</script>") : new Uint8Array();
      await page.locator("form.publish input").setInputFiles(jpeg(bytes));
      await page.locator("form.publish textarea").fill(kind);
      await page.locator("form.publish button").click();
      await card(page, kind).getByRole("alert").getByText(words).waitFor();
    }
  });

  await step(
    "without the project nothing that was chosen or typed is lost, and the next try publishes one post",
    async () => {
      const page = await site.signedIn(ben);
      await choose(page, "Faro");
      site.proxy.leave();
      await publish(page);
      await page.locator("form.publish").getByRole("alert").getByText("Check the connection").waitFor();
      assert.equal(await page.getByLabel("Caption").inputValue(), "Faro");
      site.proxy.comeBack();
      await publish(page);
      await until(() => isLoaded(page, "Faro"), "the photo");
      assert.equal((await site.sql`select from posts_new where caption = 'Faro'`).length, 1);
      // A caption without its photo survives a reload.
      await choose(page, "Otro faro");
      await page.reload();
      await page.getByLabel("New photo").setInputFiles(jpeg());
      assert.equal(await page.getByLabel("Caption").inputValue(), "Otro faro");
    },
  );

  await step("a file beyond the limit of the bucket is refused before anything is published", async () => {
    const page = await site.signedIn(ben);
    await site.sql`update storage.buckets set file_size_limit = 1000 where id = 'uploads'`;
    try {
      await choose(page, "Grande");
      await publish(page);
      await page.locator("form.publish").getByRole("alert").getByText("This file is too large.").waitFor();
      assert.equal((await site.sql`select from posts_new where caption = 'Grande'`).length, 0);
    } finally {
      await site.sql`update storage.buckets set file_size_limit = 20000000 where id = 'uploads'`;
    }
  });

  await step("where broadcasts are not allowed, the page asks", async () => {
    const mayHear = (role: string) =>
      site.sql.unsafe(`alter policy "people hear their own notifications" on realtime.messages to ${role}`);
    await mayHear("service_role");
    try {
      const page = await site.signedIn(ben);
      await choose(page, "Isla");
      await publish(page);
      await until(() => isLoaded(page, "Isla"), "the photo");
    } finally {
      await mayHear("authenticated");
    }
  });

  await step("a photo that is held back is shown to its owner alone, who is told", async () => {
    await site.sql`update queues.image_settings set hold_function = 'hold_for_moderator'`;
    try {
      const page = await site.signedIn(ben);
      await choose(page, "Gato");
      await publish(page);
      await card(page, "Gato").getByRole("status").getByText("A moderator looks").waitFor();
      await until(() => isLoaded(page, "Gato"), "the owner's view");
      const other = await site.signedIn(ana);
      await other.locator("article.post").first().waitFor();
      assert.equal(await card(other, "Gato").count(), 0);
      await site.sql`select queues.decide_image(id, 'rejected', null, 'no') from post_images where status = 'held'`;
      await card(page, "Gato").getByRole("alert").getByText("A moderator decided").waitFor();
    } finally {
      await site.sql`update queues.image_settings set hold_function = null`;
    }
  });

  assert.deepEqual(site.problems, []);
});

// What is evaluated runs in the page, whose types Deno does not know.
function property<T>(element: Locator, name: string): Promise<T> {
  return element.evaluate((found, name) => (found as unknown as Record<string, T>)[name]!, name);
}

async function isDrawn(image: Locator): Promise<boolean> {
  return await property<number>(image, "naturalWidth") > 0;
}

async function background(element: Locator): Promise<string> {
  return (await property<{ background: string }>(element, "style")).background;
}
