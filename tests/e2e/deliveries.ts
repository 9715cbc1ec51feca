/** A project whose providers are stand-ins, with settings by which failed deliveries are soon tried again. */
import { deepEqual } from "node:assert/strict";
import { type ProviderOptions, type Providers, startProviders } from "../../local/providers/providers.ts";
import { Project } from "./project.ts";
import { type Delivery, Recipients } from "./recipients.ts";

export const SETTINGS = {
  email_delay_secs: 0,
  hourly_cap_push: 20,
  hourly_cap_email: 6,
  breaker_failures: 5,
  breaker_base_secs: 1,
  breaker_cap_secs: 2,
};

export interface Options extends ProviderOptions {
  /** Missing secrets. */
  without?: string[];
  /** Variables with a mistake. */
  wrong?: Record<string, string>;
}

type It = (behaviour: string, body: () => Promise<void>) => Promise<unknown>;
interface Parts {
  it: It;
  project: Project;
  providers: Providers;
  people: Recipients;
}

/** Each step begins with empty queues and working providers. It must leave no dead letter and no invalid request. */
export const withProviders = (name: string, options: Options, body: (parts: Parts) => Promise<void>) =>
  Deno.test(name, async (t) => {
    await using providers = await startProviders(options);
    await using project = await Project.start({
      functionEnv: { ...without(providers.env, options.without), ...options.wrong },
    });
    const people = new Recipients(project, providers);
    const it: It = (behaviour, step) =>
      t.step(behaviour, async () => {
        await project.reset();
        providers.heal();
        providers.log.clear();
        await project.sql`update queues.notification_settings set ${project.sql(SETTINGS)}`;
        await project.set("deliveries", { max_retries: 5, backoff_base_secs: 1, delivery_concurrency: 16 });
        await step();
        deepEqual(providers.log.mistakes, []);
        deepEqual(await project.deadLetters("deliveries"), []);
      });
    await body({ it, project, providers, people });
  });

/** So that breakers are still open when the test reads them. */
export async function keepBreakersOpen({ sql }: Project): Promise<void> {
  await sql`update queues.notification_settings set breaker_base_secs = 3600, breaker_cap_secs = 3600`;
}

export function statuses(ledger: Delivery[]): string[] {
  return ledger.map(({ status, reason }) => reason ? `${status} ${reason}` : status);
}

function without(env: Record<string, string>, names: string[] = []): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}
