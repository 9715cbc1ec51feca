/** The golden emails in a browser. `tests/email.rs` checks that the core renders them. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Browser } from "playwright-core";
import { browserTest } from "../browser.ts";
import { photo } from "../images/pictures.ts";
import { look } from "./look.js";

const golden = new URL("golden/", import.meta.url);
const kinds = ["new_like", "new_comment", "comment_reply", "mention", "new_follower", "comment_moderated"];
const languages = ["en", "es"];
const widths = [320, 375, 600];
const PHOTO = "https://project.example/storage/v1/object/public/images/1/2/medium.jpeg";
/** A folder for screenshots. */
const pictures = Deno.env.get("EMAIL_PICTURES");

export interface Seen {
  language: string;
  title: string;
  sentence: string;
  sentenceIsInOrder: boolean;
  quote: string | undefined;
  quoteDirection: string | undefined;
  hasRun: boolean;
  /** What only a list of emails shows. */
  preview: string;
  photo: { address: string; alternative: string; isDrawn: boolean; width: number; height: number } | null;
  /** Name and attributes of each element, without the targets of links, the address of the photo and its words. */
  elements: string[];
  texts: { text: string; contrast: number; size: number }[];
  pageWidth: number;
  rightmost: number;
  cardWidth: number;
  isDark: boolean;
  buttonHeight: number;
  links: (string | null)[];
}

await browserTest(
  "an email is readable on any screen, by day and by night, whoever it is about",
  async (t, browser) => {
    for (const kind of kinds) {
      for (const language of languages) {
        const name = `${kind}.${language}`;
        await t.step(name, async () => {
          const ordinary = await check(browser, kind, name, language);
          const hostile = await check(browser, kind, `${name}.hostile`, language);
          assert.deepEqual(hostile, ordinary, "people's text became elements or attributes");
        });
      }
    }
  },
);

/** Returns the elements of the email. */
async function check(browser: Browser, kind: string, name: string, language: string): Promise<string[]> {
  const address = new URL(`${name}.html`, golden).href;
  const text = await textPart(name);
  let elements: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ colorScheme });
    // Only keeps a failing test from running forever.
    page.setDefaultTimeout(600_000);
    const requests: string[] = [];
    const dialogs: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("dialog", (dialog) => (dialogs.push(dialog.message()), dialog.dismiss()));
    await page.route(
      PHOTO,
      (route) => route.fulfill({ contentType: "image/jpeg", body: Buffer.from(photo(400, 300)) }),
    );
    await page.goto(address);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 700 });
      const seen = await page.evaluate(look);
      const at = `${name}, ${colorScheme}, ${width} px`;

      assert.equal(seen.hasRun, false, at);
      const reach = Math.max(seen.pageWidth, seen.rightmost);
      assert.ok(reach <= width, `${at}: reaches to ${reach}`);
      assert.ok(seen.cardWidth <= 560, at);
      assert.equal(seen.isDark, colorScheme === "dark", at);
      for (const { text, contrast, size } of seen.texts) {
        assert.ok(contrast >= 4.5, `${at}: contrast ${contrast} of “${text}”`);
        assert.ok(size >= 13, `${at}: ${size} px for “${text}”`);
        // Joiners combine emoji, word joiners keep addresses from becoming links; no other invisible character is allowed.
        assert.doesNotMatch(text.replaceAll(/[\u200c\u200d\u2060]/g, ""), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, at);
        assert.doesNotMatch(text, /[\p{L}\p{N}][.@]\p{L}|:\/\//u, at);
      }
      assert.ok(seen.buttonHeight >= 44, `${at}: a button of ${seen.buttonHeight} px`);
      assert.ok(seen.sentenceIsInOrder, `${at}: the words are out of order`);

      assert.equal(seen.language, language);
      assert.equal(seen.title, text.sentence);
      assert.equal(seen.sentence, text.sentence);
      assert.equal(seen.quote, text.quote);
      assert.equal(seen.quoteDirection, text.quote && (/^\p{Script=Arabic}/u.test(text.quote) ? "rtl" : "ltr"));
      // The photo leads where the button leads.
      assert.deepEqual([...new Set(seen.links)], text.links);
      assert.ok(seen.preview.length >= 8 && !text.subject.includes(seen.preview), `${at}: “${seen.preview}”`);
      assert.equal(seen.photo?.address, kind === "new_follower" ? undefined : PHOTO);
      if (seen.photo) {
        assert.ok(seen.photo.isDrawn && seen.photo.alternative.length > 0, at);
        assert.ok(seen.photo.width <= Math.min(400, width), at);
        assert.ok(Math.abs(seen.photo.width / seen.photo.height - 4 / 3) < 0.02, `${at}: the photo is distorted`);
      }
      elements = seen.elements;
      if (pictures) await page.screenshot({ path: `${pictures}/${name}.${colorScheme}.${width}.png`, fullPage: true });
    }
    assert.deepEqual(requests, kind === "new_follower" ? [address] : [address, PHOTO]);
    assert.deepEqual(dialogs, []);
    await page.close();
  }
  return elements;
}

/** The text part has the same content without markup. */
async function textPart(name: string) {
  const lines = (await Deno.readTextFile(new URL(`${name}.txt`, golden))).split("\n");
  const quote = lines.filter((line) => line.startsWith("> ")).map((line) => line.slice(2));
  return {
    subject: lines[0]!,
    sentence: lines[2]!.replace(/^\u200e/, ""),
    quote: quote.length > 0 ? quote.join("\n") : undefined,
    links: lines.filter((line) => line.startsWith("https://")),
  };
}
