/** Operators through the API: who may, and a dead letter that is edited, redriven and processed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { signToken } from "../../local/stack/keys.ts";
import { oldAnalytics } from "./messages.ts";
import { type Answer, Project, until } from "./project.ts";

const person = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const post = "00000000-0000-4000-8000-0000000000b1";

Deno.test("the console", async (t) => {
  await using project = await Project.start({ scheduler: true });
  await project.sql`insert into profiles (id, username) values (${person(1)}, 'olga'), (${person(2)}, 'otto'), (${
    person(3)
  }, 'ann')`;
  await project.sql`insert into queues.operators (profile_id) values (${person(1)}), (${person(2)})`;

  const call = async (sub: string | null, name: string, args: object): Promise<Answer> => {
    const { url, publishableKey, jwtSecret } = project.stack;
    const token = sub && await signToken(jwtSecret, { role: "authenticated", sub });
    const response = await fetch(`${url}/rest/v1/rpc/${name}`, {
      method: "POST",
      headers: {
        apikey: publishableKey,
        "content-type": "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify(args),
    });
    return { status: response.status, body: await response.json() };
  };
  const page = async (name: string, args: object = {}) => {
    const { status, body } = await call(person(1), "operator_page", { p_page: name, p_arguments: args });
    equal(status, 200, JSON.stringify(body));
    return body;
  };
  const operate = (operator: number, action: string, args: object, dryRun = false) =>
    call(person(operator), "operate", { p_action: action, p_arguments: args, p_dry_run: dryRun });

  await t.step("answers operators alone", async () => {
    const refused = { code: "PT403", details: "not_an_operator" };
    for (
      const [name, args] of [["operator_page", { p_page: "overview" }], ["operate", {
        p_action: "pause",
        p_arguments: { queue: "analytics" },
        p_dry_run: false,
      }]] as const
    ) {
      const anonymous = await call(null, name, args);
      deepEqual([anonymous.status, anonymous.body.code], [401, "42501"]);
      const user = await call(person(3), name, args);
      deepEqual([user.status, user.body.code, user.body.details], [403, refused.code, refused.details]);
      equal((await call(person(1), name, args)).status, 200);
    }
    equal((await operate(1, "resume", { queue: "analytics" })).body.affected, 1);
  });

  await t.step("a dead letter is edited, redriven and processed", async () => {
    await project.set("analytics", { schedule_secs: 1 });
    await project.send("analytics", [JSON.stringify({ ...JSON.parse(oldAnalytics(post)), timestamp: "yesterday" })]);
    await until(async () => await project.count("pgmq.q_analytics_dlq") === 1, "a dead letter");
    const { items: [letter] } = await page("dead_letters", { queue: "analytics", filter: { field: "timestamp" } });
    match(letter.error, /`timestamp`/);
    const edited = { queue: "analytics", msg_id: letter.msg_id, message: JSON.parse(oldAnalytics(post)) };

    equal((await operate(1, "redrive_edited", edited, true)).body.affected, 1);
    equal(await project.count("pgmq.q_analytics_dlq"), 1);
    const answer = await operate(1, "redrive_edited", edited);
    deepEqual([answer.status, answer.body.affected, answer.body.before], [200, 1, letter.message]);
    await until(async () => await project.count("public.analytics_events") === 1, "the event");
    const { items: [entry] } = await page("audit", { action: "redrive_edited" });
    deepEqual([entry.operator, entry.affected], ["olga", 1]);
  });

  await t.step("of two operators at once, one redrives and the other is told", async () => {
    await project.send("analytics", ["1"]);
    await until(async () => await project.count("pgmq.q_analytics_dlq") === 1, "a dead letter");
    const { items: [letter] } = await page("dead_letters", { queue: "analytics" });
    const args = { queue: "analytics", filter: { msg_ids: [letter.msg_id] } };
    const answers = await Promise.all([operate(1, "redrive", args), operate(2, "redrive", args)]);
    deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    const { body } = answers.find(({ status }) => status === 409)!;
    deepEqual([body.code, body.details], ["PT409", "letter_gone"]);
    match(body.message, /redriven by (olga|otto) at \d{4}-/);
  });

  await t.step("the charts have samples of every queue", async () => {
    await until(async () => await project.count("queues.samples") > 0, "a sample");
    const { queues } = await page("overview");
    ok(queues.every((queue: { last_hour: { at: number[] } }) => queue.last_hour.at.length > 0));
  });
});
