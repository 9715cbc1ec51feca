/** The dashboard shows all metrics of the endpoint, and no others. */
import assert from "node:assert/strict";
import { openMetrics } from "../../pkg/core/queues.js";

interface Dashboard {
  templating: { list: { name: string; definition?: string }[] };
  panels: { title: string; datasource: { uid: string }; targets: { expr: string; datasource: { uid: string } }[] }[];
}

const dashboard: Dashboard = JSON.parse(
  Deno.readTextFileSync(new URL("../../web/grafana/queues.json", import.meta.url)),
);
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

// A queue with a value for everything, so that every family has a sample.
const one = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 1]));
const numbers = {
  queues: [{
    queue: "like_events",
    gauges: one(
      ...["visible", "in_flight", "delayed", "dead_letters", "oldest_age_secs"],
      ...["workers_active", "failed_calls", "paused", "late", "failing"],
    ),
    counters: one("processed"),
    dispatches: one("accepted"),
    runs: one("empty"),
  }],
  limits: { like: one("allowed") },
};
const reply = { status: 200, body: new TextEncoder().encode(JSON.stringify(numbers)) };
const text: string = JSON.parse(openMetrics(reply)).body;
const samples = [...text.matchAll(/^(\w+)\{(.*)\} /gm)].map(([, name, labels]) => ({
  name: name!,
  labels: [...labels!.matchAll(/(\w+)="/g)].map(([, label]) => label!),
}));
const metric = /\b(?:queue|rate_limit)_\w+/g;
const families = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!);

Deno.test("the dashboard shows every metric, and no other", () => {
  const shown = new Set(expressions.flatMap((expression) => expression.match(metric) ?? []));
  assert.deepEqual([...shown].sort(), [...new Set(samples.map(({ name }) => name))].sort());
  assert.equal(shown.size, families.length);
});

Deno.test("the dashboard groups and filters each metric by labels that it has", () => {
  for (const expression of expressions) {
    const names = expression.match(metric)!;
    const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(", "));
    const filtered = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label]) => label!);
    for (const label of [...grouped, ...filtered]) {
      for (const name of names) {
        assert.ok(
          samples.some((sample) => sample.name === name && sample.labels.includes(label)),
          `${label}: ${expression}`,
        );
      }
    }
  }
});

Deno.test("the viewer chooses the data source and the queue", () => {
  const { list } = dashboard.templating;
  assert.deepEqual(list.map(({ name }) => name), ["datasource", "queue"]);
  const [, metric, label] = /^label_values\((\w+), (\w+)\)$/.exec(list[1]!.definition!)!;
  assert.ok(samples.some(({ name, labels }) => name === metric && labels.includes(label!)));
  for (const { title, datasource, targets } of dashboard.panels) {
    for (const { uid } of [datasource, ...targets.map((target) => target.datasource)]) {
      assert.equal(uid, "${datasource}", title);
    }
    // Rate limits are those of an action, whatever queues it sends to.
    for (const { expr } of targets) assert.match(expr, /queue=~"\$queue"|\brate_limit_/);
  }
});
