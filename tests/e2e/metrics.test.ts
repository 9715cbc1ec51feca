/** The metrics of the queues, parsed as Prometheus parses them. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { cached } from "../../local/tools/cache.ts";
import { comment } from "./messages.ts";
import { Project } from "./project.ts";

interface Family {
  name: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

Deno.test("metrics", async (t) => {
  await using project = await Project.start();
  const url = `${project.stack.url}/functions/v1/queue-metrics`;
  const scrape = async () => {
    const response = await fetch(url, { headers: { apikey: project.stack.secretKey } });
    equal(response.status, 200);
    equal(response.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    return await parsed(await response.text());
  };
  const value = (families: Family[], name: string, labels: Record<string, string>) =>
    families.flatMap(({ samples }) => samples).find((sample) =>
      sample.name === name && Object.entries(labels).every(([label, text]) => sample.labels[label] === text)
    )?.value;

  await t.step("gauges and counters show the outcomes of messages", async () => {
    const { owner, ids: [post] } = await project.posts(1);
    await project.send("notifications", [comment(owner, post!), comment(owner, post!), "null"]);
    await project.send("analytics", ["{}", "{}"]);
    await project.call("notifications");
    const families = await scrape();
    const of = (name: string, labels = {}) => value(families, name, { queue: "notifications", ...labels });
    equal(of("queue_leases_total", { outcome: "processed" }), 2);
    equal(of("queue_leases_total", { outcome: "dead_lettered" }), 1);
    equal(of("queue_dead_letters"), 1);
    equal(of("queue_messages", { state: "visible" }), 0);
    equal(of("queue_runs_total", { stopped_because: "empty" }), 1);
    equal(value(families, "queue_messages", { queue: "analytics", state: "visible" }), 2);
    const types = new Set(families.map(({ type }) => type));
    deepEqual([...types].sort(), ["counter", "gauge"]);
  });

  await t.step("calls of limited actions are counted by their answer", async () => {
    const { ids: [post] } = await project.posts(1);
    await project.sql`update queues.rate_limits set enabled = true, per_minute = 1, burst = 3 where action = 'like'`;
    const statuses = [];
    for (let n = 0; n < 5; n++) {
      const answer = await fetch(`${project.stack.url}/rest/v1/rpc/toggle_post_like`, {
        method: "POST",
        headers: { apikey: project.stack.publishableKey, "content-type": "application/json" },
        body: JSON.stringify({ p_post_id: post, p_session_id: "session" }),
      });
      await answer.body?.cancel();
      statuses.push(answer.status);
    }
    deepEqual(statuses, [200, 200, 200, 429, 429]);
    const families = await scrape();
    equal(value(families, "rate_limit_calls_total", { action: "like", answer: "allowed" }), 3);
    equal(value(families, "rate_limit_calls_total", { action: "like", answer: "refused" }), 2);
  });

  await t.step("housekeeping never decreases a counter", async () => {
    const before = await scrape();
    await project.sql`update queues.settlements set at = at - interval '60 days'`;
    await project.sql`update queues.runs set last_seen_at = last_seen_at - interval '60 days',
      finished_at = finished_at - interval '60 days'`;
    await project.sql`update queues.rate_limit_calls set minute = minute - interval '60 days'`;
    await project.sql`select queues.daily()`;
    for (let step = 0; step < 3; step++) await project.sql`select queues.cleanup_step()`;
    equal(await project.count("queues.runs"), 0);
    equal(await project.count("queues.rate_limit_calls"), 0);
    const after = await scrape();
    for (const { samples, type } of before) {
      for (const sample of type === "counter" ? samples : []) {
        ok(value(after, sample.name, sample.labels)! >= sample.value, JSON.stringify(sample));
      }
    }
  });

  await t.step("without a secret key, or by another method, there are no metrics", async () => {
    const status = async (init: RequestInit) => {
      const response = await fetch(url, init);
      await response.body?.cancel();
      return response.status;
    };
    equal(await status({}), 401);
    equal(await status({ headers: { apikey: project.stack.publishableKey } }), 401);
    equal(await status({ method: "POST", headers: { apikey: project.stack.secretKey } }), 405);
  });
});

/** Parses with Prometheus's own parser, which accepts strict OpenMetrics only. */
async function parsed(text: string): Promise<Family[]> {
  const program = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(json.dumps([{"name": f.name, "type": f.type, "samples": [
  {"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]}
  for f in text_string_to_metric_families(sys.stdin.read())]))`;
  const python = new Deno.Command("python3", {
    args: ["-c", program],
    env: { PYTHONPATH: await parser() },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = python.stdin.getWriter();
  await input.write(new TextEncoder().encode(text));
  await input.close();
  const { success, stdout, stderr } = await python.output();
  ok(success, `${new TextDecoder().decode(stderr)}\n${text}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The folder of the parser, which pip fetches once. */
async function parser(): Promise<string> {
  const requirements = `${import.meta.dirname}/prometheus.requirements.txt`;
  const version = /==(\S+)/.exec(await Deno.readTextFile(requirements))![1];
  return await cached(`prometheus-client-${version}`, async (path) => {
    const args = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--no-deps",
      "--require-hashes",
      "--target",
      path,
      "-r",
      requirements,
    ];
    const { success, stderr } = await new Deno.Command("python3", { args }).output();
    ok(success, new TextDecoder().decode(stderr));
  });
}
