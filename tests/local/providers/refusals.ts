/** What a provider must refuse, and the failures that it can be told to have. */
import assert from "node:assert/strict";
import type { Providers, Service } from "../../../local/providers/providers.ts";
import { type Request, send } from "./requests.ts";

/** What is wrong, the request, and the expected status and part of the body. */
export type Wrong = [what: string, request: Request | Promise<Request>, status: number, said: string];

export const changed = (
  request: Request,
  headers: Record<string, string | null>,
  rest: Partial<Request> = {},
): Request => {
  const all = Object.entries({ ...request.headers, ...headers }).filter(([, value]) => value !== null);
  return { ...request, headers: Object.fromEntries(all) as Record<string, string>, ...rest };
};

/** Each request must get its answer and be logged; none may be accepted. */
export async function refuses(providers: Providers, rows: Wrong[], client?: Deno.HttpClient): Promise<void> {
  const before = providers.log.accepted.length;
  for (const [what, request, status, said] of rows) {
    providers.log.refused = [];
    const response = await send(await request, client);
    const body = JSON.stringify(response.body);
    assert.equal(response.status, status, `${what}: ${body}`);
    assert.ok(body.includes(said), `${what}: ${body} says nothing of ${said}`);
    const isMistake = !what.endsWith("that is gone");
    assert.deepEqual(
      providers.log.refused.map(({ status, scripted, mistake }) => ({ status, scripted, mistake })),
      [{ status, scripted: false, mistake: isMistake }],
      what,
    );
  }
  assert.equal(providers.log.accepted.length, before, "none is accepted");
}

/** Injects each failure in turn and checks its answer. */
export async function failsWith(
  providers: Providers,
  provider: Service,
  faults: Record<string, [status: number, said: string]>,
  request: () => Promise<Request> | Request,
  client?: Deno.HttpClient,
): Promise<void> {
  providers.log.clear();
  for (const [fault, [status, said]] of Object.entries(faults)) {
    providers.fail(provider, [{ fault: fault as "drop", times: 1 }]);
    const wrong = await send(await request(), client);
    assert.equal(wrong.status, status, fault);
    assert.ok(JSON.stringify(wrong.body).includes(said), `${fault}: ${JSON.stringify(wrong.body)}`);
    const [logged] = providers.log.refused.splice(0);
    assert.deepEqual([logged?.reason, logged?.status, logged?.scripted, logged?.mistake], [fault, status, true, false]);
  }
  providers.heal(provider);
}
