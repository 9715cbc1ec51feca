/** Run by itself: times the core, zod and JSON.parse on the same claim (its file is the argument); prints JSON. */
import { decide } from "../../pkg/core/queues.js";
import { claim as schema } from "./schema.ts";

const BATCH_MS = 150;
const REPETITIONS = 9;

const bytes = Deno.readFileSync(Deno.args[0]!);
const decoder = new TextDecoder();
const parse = () => JSON.parse(decoder.decode(bytes));
const works = {
  decide: () => decide("analytics", bytes),
  zod: () => schema.parse(parse()),
  parse,
};

const messages = schema.parse(parse()).messages.length;
const settlement = JSON.parse(decide("analytics", bytes));
if (settlement.acks.length !== messages) throw new Error("the core does not accept what zod accepts");

const times: Record<string, number[]> = { decide: [], zod: [], parse: [] };
for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
  for (const [name, work] of Object.entries(works)) {
    const us = perMessageUs(work);
    // The first round warms up.
    if (repetition > 0) times[name]!.push(us);
  }
}
console.log(JSON.stringify(times));

function perMessageUs(work: () => unknown): number {
  const started = performance.now();
  let calls = 0;
  do {
    work();
    calls++;
  } while (performance.now() - started < BATCH_MS);
  return (performance.now() - started) * 1_000 / calls / messages;
}
