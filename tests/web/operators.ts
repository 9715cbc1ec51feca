/** Operators at the console, and what they find there. */
import type { BrowserContextOptions, Page } from "playwright-core";
import { PASSWORD } from "../../local/stack/people.ts";
import { operator, type Site, unlessDeadlocked, until } from "./site.ts";

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
  const empty = (table: string) => unlessDeadlocked(() => site.sql`delete from ${site.sql(table)}`);
  // Row by row: what locks whole tables may meet a worker that has another of them. What waits is removed before any of
  // it can be called for.
  const queues = (await site.sql<{ queue: string }[]>`select queue from queues.settings`).map(({ queue }) => queue);
  for (const queue of queues) for (const table of [`q_${queue}`, `q_${queue}_dlq`]) await empty(`pgmq.${table}`);
  await site.sql`update queues.settings set paused = false`;
  await site.reset();
  // After what the workers of this step still did.
  for (const queue of queues) for (const table of [`q_${queue}_dlq`, `a_${queue}_dlq`]) await empty(`pgmq.${table}`);
  for (const table of ["operator_log", "failures", "redrives", "alerts"]) await empty(`queues.${table}`);
}

export { until };
