/** The alerting rules for Prometheus, checked by its own promtool, over metrics that the endpoint has. */
import assert from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";
import { fromDebian } from "../../local/tools/debian.ts";
import { run } from "../../local/tools/run.ts";
import { metricFamilies } from "./metrics.ts";

const rules = `${ROOT}/web/grafana/alerts.rules.yml`;
const text = Deno.readTextFileSync(rules);

Deno.test("the rules use metrics that the endpoint has", () => {
  const used = [...text.matchAll(/^ *expr: .*?\b(queue_\w+)/gm)].map(([, name]) => name!);
  assert.equal(used.length, text.match(/expr:/g)!.length);
  const { samples } = metricFamilies();
  for (const name of used) assert.ok(samples.some((sample) => sample.name === name), name);
});

const packages = ["prometheus"];
const { home, problem } = await fromDebian("promtool", packages, async (files, path) => {
  await Deno.mkdir(path);
  await Deno.rename(`${files}/usr/bin/promtool`, `${path}/promtool`);
});
Deno.test({
  name: `promtool: the rules fire when they should${
    problem ? ` (NOT RUN: it needs ${packages} of Debian 12, and ${problem})` : ""
  }`,
  ignore: problem !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "queues-promtool-" });
    try {
      assert.equal(await run(folder, `${home}/promtool`, "check", "rules", rules), undefined);
      const cases = await Deno.readTextFile(new URL("alerts.rules.test.yml", import.meta.url));
      await Deno.writeTextFile(`${folder}/cases.yml`, cases.replace("[RULES]", `[${rules}]`));
      const { success, stdout, stderr } = await new Deno.Command(`${home}/promtool`, {
        args: ["test", "rules", "cases.yml"],
        cwd: folder,
      }).output();
      assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
