/** Operators at the console, and what they find there. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { PASSWORD } from "../../local/stack/people.ts";
import { operator, type Site, until } from "./site.ts";

/** A page of the console in a browser of its own, at a desk. */
export async function atConsole(
  site: Site,
  route = "",
  person = operator,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await site.context({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(`${site.consoleUrl}/#/${route}`);
  await signIn(page, person.email);
  await page.locator(".shell, .gate [role=alert]").first().waitFor();
  return page;
}

export async function signIn(page: Page, email?: string): Promise<void> {
  if (email) await page.fill("form.sign-in input[type=email]", email);
  await page.fill("form.sign-in input[type=password]", PASSWORD);
  await page.click("form.sign-in button[type=submit]");
}

/** Goes to another address of the console, as a link does. */
export async function goTo(page: Page, route: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(`#/${route}`)}`);
}

/** Dead letters as a worker leaves them, with one of `messages` each. Returns their ids. */
export async function addLetters(
  site: Site,
  queue: string,
  messages: unknown[],
  { reason = "invalid_field", error = "`timestamp` is not a timestamp" } = {},
): Promise<number[]> {
  const rows = await site.sql<{ msg_id: string }[]>`
    select s.msg_id
    from jsonb_array_elements(${site.sql.json(messages as never)}) with ordinality e (message, place)
    cross join lateral pgmq.send(${`${queue}_dlq`}, jsonb_build_object('queue', ${queue}::text, 'msg_id', 1000 + e.place,
      'enqueued_at', now(), 'message', e.message, 'reason', ${reason}::text, 'error', ${error}::text, 'attempts', 1, 'crashes', 0,
      'first_failed_at', now(), 'last_failed_at', now(),
      'history', jsonb_build_array(jsonb_build_object('at', now(), 'code', ${reason}::text, 'error', ${error}::text)))) s (msg_id)
    order by e.place`;
  return rows.map(({ msg_id }) => Number(msg_id));
}

/** Confirms the open dialog, once it has said what it will do. */
export async function confirm(page: Page, name: string): Promise<void> {
  await page.locator("dialog[open]").getByRole("button", { name, exact: true }).click();
  await page.locator("dialog[open]").waitFor({ state: "detached" });
}

export async function count(site: Site, table: string): Promise<number> {
  const [row] = await site.sql<{ n: number }[]>`select count(*)::integer as n from pgmq.${site.sql(table)}`;
  return row!.n;
}

/** Tables of the console and pgmq as they were at the start. */
export async function clear(site: Site): Promise<void> {
  await site.sql`update queues.settings set paused = false`;
  // Row by row: what locks whole tables may meet a worker that has another of them.
  for (const table of ["operator_log", "failures", "redrives", "alerts"]) {
    await site.sql`delete from queues.${site.sql(table)}`;
  }
  for (const { queue } of await site.sql<{ queue: string }[]>`select queue from queues.settings`) {
    for (const table of [`q_${queue}`, `q_${queue}_dlq`, `a_${queue}_dlq`]) {
      await site.sql`delete from pgmq.${site.sql(table)}`;
    }
  }
  await site.reset();
}

export { until };
