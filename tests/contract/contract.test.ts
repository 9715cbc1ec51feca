/** The golden contracts through the package that the queue's worker loads; natively they run in `tests/contract.rs`. */
import assert from "node:assert/strict";

interface Contract {
  behaviour: string;
  queue: string;
  claim: unknown;
  variables?: Record<string, string>;
  settlement: unknown;
}

for (const entry of Deno.readDirSync(import.meta.dirname!)) {
  if (!entry.name.endsWith(".json")) continue;
  const contract: Contract = JSON.parse(Deno.readTextFileSync(`${import.meta.dirname}/${entry.name}`));
  Deno.test(`${contract.queue}: ${contract.behaviour}`, async () => {
    const { decide } = await packageOf(contract.queue);
    const claim = new TextEncoder().encode(JSON.stringify(contract.claim));
    const variables = contract.variables ?? {};
    const host = { variable: (name: string) => variables[name], isSet: (name: string) => name in variables };
    assert.deepEqual(JSON.parse(decide(contract.queue, claim, host)), contract.settlement);
  });
}

async function packageOf(queue: string): Promise<typeof import("../../pkg/core/queues.js")> {
  const worker = new URL(`../../supabase/functions/${functionOf(queue)}/`, import.meta.url);
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", worker)));
  return await import(new URL(`${imports["suplatzigram-queues/"]}queues.js`, worker).href);
}

/** The function whose worker drains a queue. */
function functionOf(queue: string): string {
  const functions = new URL("../../supabase/functions/", import.meta.url);
  const drains = ({ name }: Deno.DirEntry) =>
    name.startsWith("process-") &&
    Deno.readTextFileSync(new URL(`${name}/index.ts`, functions)).includes(`worker("${queue}"`);
  return [...Deno.readDirSync(functions)].find(drains)!.name;
}
