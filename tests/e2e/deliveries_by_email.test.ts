/** What an email says and shows, the conversation it is in, how to unsubscribe from it, and who sends it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { uploadPicture } from "../../local/stack/pictures.ts";
import { harbor } from "../../local/stack/scenes.ts";
import { pixels } from "../images/pictures.ts";
import { statuses, withProviders } from "./deliveries.ts";

withProviders("deliveries by email", {}, async ({ it, project, providers, people }) => {
  await it("an email begins with the comment, shows the photo, and is in the photo's conversation", async () => {
    const ana = await people.add({ hasEmail: true });
    const bob = await people.add({ hasEmail: true });
    await uploadPicture(project.stack, ana.id, ana.post, harbor);
    await project.call("image_processing");
    const comment = 'What a light! <img src=x onerror="alert(1)">';
    const about = (recipient: string, type: string) => ({
      type,
      recipient_id: recipient,
      actor_profile_id: recipient === ana.id ? bob.id : ana.id,
      post_id: ana.post,
      comment_id: crypto.randomUUID(),
      comment,
      timestamp: new Date().toISOString(),
    });
    for (const message of [about(ana.id, "new_comment"), about(bob.id, "mention")]) {
      await project.sql`select pgmq.send('notifications', ${project.sql.json(message)})`;
    }
    await people.like(ana);
    await people.deliver();
    const emails = (person: typeof ana) =>
      people.arrived(person).map(({ payload }) =>
        payload as { subject: string; html: string; text: string; headers: Record<string, string> }
      );
    equal(emails(ana).length, 2);
    const { subject, html, text } = emails(ana).find(({ subject }) => subject.includes("comment"))!;
    match(subject, /^Someone commented on your photo: “What a light! <img src=x onerror="alert\(1\)">”$/);
    ok(html.includes("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;") && !html.includes("<img src=x"));
    ok(text.includes("/settings\n"));
    // What is shown is there for everybody who has the email.
    const [, source, width, height, alternative] =
      /<img class="photo quiet" src="([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)"/.exec(html)!;
    const shown = pixels(new Uint8Array(await (await fetch(source!)).arrayBuffer()));
    deepEqual([`${shown.width}`, `${shown.height}`, "caption"], [width, height, alternative]);
    const [conversation, another] = [ana, bob].map((person) =>
      new Set(emails(person).flatMap(({ headers }) => [headers["References"], headers["In-Reply-To"]]))
    );
    match([...conversation!].join(), new RegExp(`^<${ana.post}\\.${ana.id}@[^>,]+>$`));
    match([...another!].join(), new RegExp(`^<${ana.post}\\.${bob.id}@[^>,]+>$`));
  });

  await it("who wrote a rejected comment is told how to appeal, until they have", async () => {
    const ana = await people.add({ hasEmail: true });
    const [written] = await project.sql`
      insert into comments (post_id, author_id, body, status, decided_at, told)
      values (${ana.post}, ${ana.id}, 'Buy this', 'rejected', now(), '[]') returning id`;
    const told = async () => {
      providers.log.clear();
      await project.sql`delete from notifications`;
      await project.sql`select pgmq.send('notifications', ${
        project.sql.json({
          type: "comment_moderated",
          decision: "rejected",
          recipient_id: ana.id,
          post_id: ana.post,
          comment_id: written!.id,
          comment: "Buy this",
          timestamp: new Date().toISOString(),
        })
      })`;
      await project.call("notifications");
      await people.deliver();
      const [email] = people.arrived(ana);
      return (email!.payload as { text: string }).text;
    };
    match(await told(), /you can appeal once\..+\n\nAppeal on Suplatzigram:\nhttps:\/\/[^\n]+\/posts\//);
    await project.sql`insert into queues.appeals (comment_id, body) values (${written!.id}, 'Please')`;
    ok(!/appeal/i.test(await told()));
  });

  await it("one click in an email unsubscribes at once", async () => {
    const ana = await people.add({ devices: ["fcm"], hasEmail: true });
    await people.like(ana, "first");
    await people.deliver();
    const [email] = providers.log.of("resend");
    const { headers } = email!.payload as { headers: Record<string, string> };
    equal(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    const [, link] = /^<(.+)>$/.exec(headers["List-Unsubscribe"]!)!;
    ok(link!.startsWith(`${project.stack.url}/functions/v1/unsubscribe?token=`));
    // Marked as read, so that the next like makes a notification of its own.
    await project.sql`update notifications set read_at = now()`;
    await people.like(ana, "second");
    equal(await project.count("pgmq.q_deliveries"), 2);
    const looked = await fetch(link!, { redirect: "manual" });
    await looked.body?.cancel();
    equal(await project.count("profiles where email_notifications is false"), 0, "looking changes nothing");
    const response = await fetch(link!, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
    });
    await response.body?.cancel();
    equal(response.status, 200);
    await people.deliver();
    deepEqual([providers.log.of("resend").length, providers.log.of("fcm").length], [1, 2]);
    const emails = (await people.ledger(ana)).filter(({ channel }) => channel === "email");
    deepEqual(statuses(emails), ["sent", "skipped preference_off"]);
  });
});

withProviders("deliveries with SendGrid", { emailProvider: "sendgrid" }, async ({ it, providers, people }) => {
  await it("a setting selects the email provider", async () => {
    const ana = await people.add({ hasEmail: true });
    await people.like(ana);
    await people.deliver();
    deepEqual(statuses(await people.ledger(ana)), ["skipped no_device", "sent"]);
    deepEqual(providers.log.accepted.map(({ provider, target }) => [provider, target]), [["sendgrid", ana.email]]);
  });
});
