/** The pages of web/demo and the console over a stack of their own, in a real browser. */
import assert from "node:assert/strict";
import connect from "postgres";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { query } from "../../local/stack/database.ts";
import { serveConsole, servePages } from "../../local/stack/pages.ts";
import { addPeople, PASSWORD, people } from "../../local/stack/people.ts";
import { addPictures } from "../../local/stack/pictures.ts";
import { type Stack, type StackOptions, startStack } from "../../local/stack/stack.ts";
import { patience, waitLonger } from "../e2e/project.ts";
import { Proxy } from "../e2e/proxy.ts";

export const [ana, ben, operator] = people as [typeof people[0], typeof people[0], typeof people[0]];

/** Seeded: the first and third are ana's, the others ben's. */
export const posts = [1, 2, 3, 4].map((place) => `00000000-0000-4000-9000-00000000000${place}`);

/** A point on P-256, as every such key is. */
const VAPID_PUBLIC_KEY = "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM";

/** Only keeps a failing test from running forever. */
const PATIENCE_MS = 900_000;

/** What people set off by what they do on the pages. */
const QUEUES = ["like_events", "notifications", "comment_moderation", "image_processing"];

/** Says so, with the form, if no handler of the page took a submission, which the browser would then have made. */
const NO_FORM_IS_LEFT_TO_THE_BROWSER = `
  const { preventDefault } = Event.prototype;
  const taken = new WeakSet();
  Event.prototype.preventDefault = function () {
    // What refuses all submissions, on their way down, is no handler.
    if (this.eventPhase !== Event.CAPTURING_PHASE) taken.add(this);
    preventDefault.call(this);
  };
  addEventListener("submit", (event) => {
    if (taken.has(event)) return;
    const { target: form, submitter } = event;
    const app = document.getElementById("app");
    console.error("nothing took the submission of " + form.outerHTML + " by " + submitter?.outerHTML + " in " + location +
      "; connected: " + form.isConnected + ", in the app: " + app?.contains(form) + ", known to React: " + Object.keys(form));
  });`;

export class Site implements AsyncDisposable {
  readonly problems: string[] = [];
  #contexts: BrowserContext[] = [];
  #pages!: ReturnType<typeof servePages>;
  #console!: ReturnType<typeof serveConsole>;

  private constructor(
    private readonly browser: Browser,
    readonly stack: Stack,
    /** Between the pages and the project. */
    readonly proxy: Proxy,
    readonly sql: connect.Sql,
    /** By the programs of the stack. */
    readonly said: string[],
  ) {}

  /** `folder` has the pages, if they were built elsewhere. */
  static async start(browser: Browser, options: StackOptions & { folder?: string } = {}): Promise<Site> {
    const said: string[] = [];
    const log = (line: string) => said.push(line);
    const stack = await startStack({ realtime: true, scheduler: true, dispatchSecs: 1, log, ...patience, ...options });
    await query(stack.adminDatabaseUrl, addPeople);
    await addPictures(stack);
    await query(stack.databaseUrl, waitLonger);
    const proxy = new Proxy();
    proxy.target = stack.url;
    const site = new Site(browser, stack, proxy, connect(stack.databaseUrl, { max: 2, onnotice: () => {} }), said);
    site.#pages = servePages({
      url: proxy.url,
      key: stack.publishableKey,
      vapidPublicKey: VAPID_PUBLIC_KEY,
      folder: options.folder,
    });
    site.#console = serveConsole({ url: proxy.url, key: stack.publishableKey });
    await until(
      async () => (await site.sql`select from post_images where status = 'ready'`).length === posts.length,
      "the pictures",
    );
    return site;
  }

  get url(): string {
    return this.#pages.url;
  }

  get consoleUrl(): string {
    return this.#console.url;
  }

  /** A browser of its own, in which nobody is signed in. */
  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext({
      locale: "en-US",
      viewport: { width: 390, height: 844 },
      ...options,
    });
    this.#contexts.push(context);
    await context.addInitScript(NO_FORM_IS_LEFT_TO_THE_BROWSER);
    context.setDefaultTimeout(PATIENCE_MS);
    context.on("page", (page) => {
      page.on("pageerror", (error) => this.problems.push(`${error}`));
      page.on("dialog", (dialog) => {
        this.problems.push(`a dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on("console", (message) => {
        // What the network says is expected; what React says is not.
        const text = message.text();
        if (message.type() === "error" && !/Failed to load resource|WebSocket|ERR_/.test(text)) {
          this.problems.push(text);
        }
      });
    });
    return context;
  }

  /** A page on which the person is signed in, in a browser of their own. */
  async signedIn(person: typeof ana, path = "/", options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await this.context(options)).newPage();
    await page.goto(`${this.url}/sign-in`);
    await page.fill("input[type=email]", person.email);
    await page.fill("input[type=password]", PASSWORD);
    await page.click("form.sign-in button[type=submit]");
    await page.locator(".sn-bell").waitFor();
    if (path !== "/") await page.goto(this.url + path);
    return page;
  }

  /** A like by somebody who has no window. */
  async like(person: typeof ana, post: string): Promise<void> {
    await this.sql.begin(async (sql) => {
      await sql`select set_config('request.jwt.claims', ${
        JSON.stringify({ sub: person.id, role: "authenticated" })
      }, true)`;
      const [row] = await sql`select public.toggle_post_like(${post}, ${`session of ${person.name}`}) as answer`;
      assert.equal(row!.answer.success, true, JSON.stringify(row));
    });
  }

  /** Stores notifications as if they had been told before, the first the latest. */
  async notified(person: typeof ana, bodies: string[], more: Record<string, unknown> = {}): Promise<void> {
    for (const [place, body] of bodies.entries()) {
      await this.sql`
        insert into public.notifications ${
        this.sql({
          recipient_id: person.id,
          type: "new_like",
          title: "New like",
          body,
          url: `/posts/${posts[0]}`,
          data: this.sql.json({ actor_profile_id: ben.id }),
          updated_at: new Date(Date.now() - 60_000 * (place + 1)),
          ...more,
        } as never)
      }`;
    }
  }

  /** As if nothing had happened yet. */
  async reset(): Promise<void> {
    for (const context of this.#contexts.splice(0)) await context.close();
    // What was liked or written in one step must not arrive in the next.
    await until(async () => {
      for (const queue of QUEUES) {
        const messages = await this.sql`
          select from pgmq.${
          this.sql(`q_${queue}`)
        } where ${queue} in (select queue from queues.settings where not paused)
          limit 1`;
        if (messages.length > 0) return false;
      }
      return true;
    }, `the workers of the step before; the programs said last:\n${this.said.slice(-30).join("\n")}`);
    await unlessDeadlocked(() =>
      this.sql`truncate public.notifications, queues.notification_actors, queues.notification_deliveries,
        public.post_ratings, public.comments, queues.hidden_people, queues.rate_limit_keys cascade`
    );
    await unlessDeadlocked(() => this.sql`update public.posts_new set likes = 0`);
    await this.sql`update public.profiles set language = case username when 'ana' then 'es' else 'en' end,
      email_notifications = true, push_notifications = true, quiet_from = null, quiet_until = null`;
    assert.deepEqual(this.problems, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await Promise.all([this.#pages.stop(), this.#console.stop()]);
    await this.proxy[Symbol.asyncDispose]();
    await this.sql.end({ timeout: 5 });
    await this.stack.stop();
  }
}

/** Repeats what locks tables in another order than a worker or a tick does. */
export async function unlessDeadlocked(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void await work();
    } catch (error) {
      if (!(error instanceof connect.PostgresError && error.code === "40P01")) throw error;
    }
  }
}

export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`gave up waiting for: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
