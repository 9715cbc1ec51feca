/** From a like to the devices and the mailbox of the post's owner, with stand-ins that check what the providers check. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type PushProvider, startProviders } from "../../local/stand-ins/providers/providers.ts";
import { Project, until, versions } from "./project.ts";

for (const pgVersion of versions) {
  Deno.test(`deliveries on Postgres ${pgVersion}`, async (t) => {
    await using providers = await startProviders();
    await using project = await Project.start({ pgVersion, functionEnv: providers.env });
    const it = (behaviour: string, body: () => Promise<void>) =>
      t.step(behaviour, async () => {
        await project.reset();
        await project.sql`
          update queues.notification_settings set email_delay_secs = 0, breaker_base_secs = 1, breaker_cap_secs = 1`;
        await project.set("deliveries", { backoff_base_secs: 1, backoff_cap_secs: 1 });
        providers.heal();
        providers.log.clear();
        await body();
        deepEqual(providers.log.mistakes, []);
      });
    const ledger = (): Promise<{ channel: string; status: string; reason: string | null; provider: string | null }[]> =>
      project
        .sql`select channel, status, reason, provider from queues.notification_deliveries order by channel, provider`
        .then((rows) => [...rows] as never);
    const arrived = () => providers.log.accepted.map(({ provider }) => provider).toSorted();

    /** A person with an address and devices, and a post of theirs. */
    async function person(...devices: PushProvider[]): Promise<{ id: string; post: string; tokens: string[] }> {
      const [profile] = await project.sql`insert into profiles (username, language) values ('ana', 'es') returning id`;
      await using admin = await project.admin();
      await admin.sql`
        insert into auth.users (id, email, email_confirmed_at) values (${profile!.id}, ${`${
        profile!.id
      }@example.com`}, now())`;
      const tokens = [];
      for (const provider of devices) {
        const { token, p256dh = null, auth = null } = providers.newDevice(provider);
        await project.sql`
          insert into devices ${project.sql({ profile_id: profile!.id, provider, token, p256dh, auth })}`;
        tokens.push(token);
      }
      const [post] = await project.sql`
        insert into posts_new (profile_id, caption) values (${profile!.id}, 'Atardecer') returning id`;
      return { id: profile!.id, post: post!.id, tokens };
    }
    const toggle = (post: string, session: string) => project.sql`select toggle_post_like(${post}, ${session})`;
    const tell = async () => {
      await project.call("like_events");
      await project.call("notifications");
    };

    await it("three likes become one notification, by every channel, in the person's language", async () => {
      const { post } = await person("fcm", "apns", "web_push");
      for (const session of ["a", "b", "c"]) await toggle(post, session);
      await tell();
      const [notification] = await project.sql`select body, actor_count from notifications`;
      equal(notification!.actor_count, 3);
      equal(notification!.body, "A alguien y a 2 personas más les gustó tu foto");
      equal((await project.call("deliveries")).body.processed, 4);
      deepEqual(arrived(), ["apns", "fcm", "resend", "web_push"]);
      for (const { payload } of providers.log.accepted) ok(JSON.stringify(payload).includes(notification!.body));
      deepEqual((await ledger()).map(({ status }) => status), ["sent", "sent", "sent", "sent"]);
    });

    await it("a like that is taken back in time is told to nobody", async () => {
      const { post } = await person("fcm");
      await toggle(post, "a");
      await tell();
      await toggle(post, "a");
      await tell();
      await project.call("deliveries");
      deepEqual(arrived(), []);
      deepEqual((await ledger()).map(({ reason }) => reason), ["withdrawn", "withdrawn"]);
    });

    await it("a device that is gone is forgotten, and the others are told", async () => {
      const { post, tokens } = await person("fcm", "apns");
      providers.retire(tokens[0]!);
      await toggle(post, "a");
      await tell();
      await project.call("deliveries");
      deepEqual(arrived(), ["apns", "resend"]);
      deepEqual((await project.sql`select provider from devices`).map(({ provider }) => provider), ["apns"]);
      ok((await ledger()).some(({ status, reason }) => status === "skipped" && reason === "device_gone"));
    });

    await it("a retry sends only what is missing", async () => {
      const { post } = await person("fcm", "apns");
      providers.fail("fcm", [{ fault: "INTERNAL", times: 1 }]);
      await toggle(post, "a");
      await tell();
      const { body } = await project.call("deliveries");
      deepEqual([body.processed, body.retried], [2, 1]);
      project.stack.scheduler.start();
      await project.drained("deliveries");
      await project.stack.scheduler.stop();
      deepEqual(arrived(), ["apns", "fcm", "resend"]);
    });

    await it("a provider that is down costs no message its retries", async () => {
      const people = [];
      for (let n = 0; n < 12; n++) people.push(await person("fcm"));
      providers.down("fcm");
      for (const { post } of people) await toggle(post, "a");
      await tell();
      project.stack.scheduler.start();
      await until(
        async () => await project.count("queues.circuit_breakers where provider = 'fcm' and trips >= 3") > 0,
        "trips",
      );
      const [health] = await project.sql`select state from queues.delivery_health() where provider = 'fcm'`;
      ok(["open", "half_open"].includes(health!.state));
      providers.up("fcm");
      await project.drained("deliveries");
      await project.stack.scheduler.stop();
      deepEqual(await project.deadLetters("deliveries"), []);
      equal(arrived().filter((provider) => provider === "fcm").length, 12);
    });

    await it("one click unsubscribes, at once", async () => {
      const { id, post } = await person();
      await toggle(post, "a");
      await tell();
      await project.call("deliveries");
      const [email] = providers.log.accepted;
      const { headers } = email!.payload as { headers: Record<string, string> };
      equal(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
      const link = headers["List-Unsubscribe"]!.slice(1, -1);
      match(link, /\/functions\/v1\/unsubscribe\?token=/);
      const response = await fetch(link, {
        method: "POST",
        body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
      });
      equal(response.status, 200, await response.text());
      equal(await project.count(`profiles where id = '${id}' and not email_notifications`), 1);
      const [other] = await project.sql`insert into posts_new (profile_id) values (${id}) returning id`;
      await toggle(other!.id, "b");
      await tell();
      await project.call("deliveries");
      equal(providers.log.accepted.length, 1);
    });
  });
}
