/** The core that the workers run, in the browser: it says what would become of a message. Loaded when it is needed. */
import type * as Core from "../../../pkg/core/queues.js";

/** The package that each function runs; written by vite.config.ts from their deno.json. */
declare const CORE_PACKAGES: Record<string, string>;

type Glue = typeof Core & { __wbg_set_wasm(exports: WebAssembly.Exports): void };

const glues = import.meta.glob<Glue>("../../../pkg/*/queues_bg.js");
const binaries = import.meta.glob<string>("../../../pkg/*/queues_bg.wasm", { query: "?url", import: "default" });

export interface Judgement {
  outcome: "accepted" | "rejected" | "retried" | "dropped" | "deferred";
  code?: string;
  error?: string;
  /** What it would do: the kinds of effects, with how many of each. */
  causes: { kind: string; count: number }[];
}

const loaded = new Map<string, Promise<Glue>>();

async function load(name: string): Promise<Glue> {
  const [glue, url] = await Promise.all([
    glues[`../../../pkg/${name}/queues_bg.js`]!(),
    binaries[`../../../pkg/${name}/queues_bg.wasm`]!(),
  ]);
  const { instance } = await WebAssembly.instantiateStreaming(fetch(url), {
    "./queues_bg.js": glue as unknown as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports["__wbindgen_start"] as () => void)();
  return glue;
}

/** Undefined if no core handles the queue of this function. */
export async function coreOf(functionName: string | null | undefined): Promise<Glue | undefined> {
  const name = functionName && CORE_PACKAGES[functionName];
  if (!name || !(`../../../pkg/${name}/queues_bg.js` in glues)) return undefined;
  let core = loaded.get(name);
  if (!core) {
    core = load(name);
    loaded.set(name, core);
    // The next try loads it again.
    core.catch(() => loaded.delete(name));
  }
  return await core;
}

/** Throws what the core throws: the queue is none of its own, or the claim is not one. */
export function judge(core: Pick<typeof Core, "decide">, queue: string, claim: unknown): Judgement {
  const settlement = JSON.parse(core.decide(queue, new TextEncoder().encode(JSON.stringify(claim))));
  const causes = Object.entries<unknown[]>(settlement.effects ?? {})
    .map(([kind, rows]) => ({ kind, count: rows.length })).filter(({ count }) => count > 0);
  for (const [list, outcome] of OUTCOMES) {
    const [first] = settlement[list] ?? [];
    if (first) return { outcome, code: first.code, error: first.error, causes };
  }
  return { outcome: "accepted", causes };
}

const OUTCOMES = [
  ["dead_letters", "rejected"],
  ["retries", "retried"],
  ["deferrals", "deferred"],
  ["drops", "dropped"],
] as const;
