/** The golden contracts through the built package, as a function loads it; natively they run in `tests/contract.rs`. */
import assert from "node:assert/strict";
import { decide } from "../../pkg/core/queues.js";

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
  Deno.test(`${contract.queue}: ${contract.behaviour}`, () => {
    const claim = new TextEncoder().encode(JSON.stringify(contract.claim));
    const variables = contract.variables ?? {};
    const host = { variable: (name: string) => variables[name], isSet: (name: string) => name in variables };
    assert.deepEqual(JSON.parse(decide(contract.queue, claim, host)), contract.settlement);
  });
}
