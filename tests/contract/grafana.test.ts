/** The dashboard shows all metrics of the endpoint, and no others. */
import assert from "node:assert/strict";
import { metricFamilies } from "./metrics.ts";

interface Dashboard {
  templating: { list: { name: string; definition?: string }[] };
  panels: { title: string; datasource: { uid: string }; targets: { expr: string; datasource: { uid: string } }[] }[];
}

const dashboard: Dashboard = JSON.parse(
  Deno.readTextFileSync(new URL("../../web/grafana/queues.json", import.meta.url)),
);
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

const { samples, families } = metricFamilies();
const metric = /\b(?:queue|rate_limit|comments)_\w+/g;

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
    // Rate limits are those of an action, whatever queues it sends to; comments wait for moderators too.
    for (const { expr } of targets) assert.match(expr, /queue=~"\$queue"|\b(rate_limit|comments)_/);
  }
});
