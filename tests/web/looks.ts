/** What axe and the edge of the screen say about a page. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { ROOT } from "../../local/tools/paths.ts";

const axe = await Deno.readTextFile(`${ROOT}/web/node_modules/axe-core/axe.min.js`).catch(() => "");

/** What makes the page scroll sideways. */
export async function beyondTheEdge(page: Page): Promise<string[]> {
  return await page.evaluate(`document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth)
      .map((element) => element.outerHTML.slice(0, 100))`);
}

/** What is serious or worse, with the elements. */
export async function violations(page: Page): Promise<string[]> {
  assert.ok(axe, "axe-core is missing: `make web` installs it");
  await page.evaluate(axe);
  return await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html + " " + failureSummary)))`);
}
