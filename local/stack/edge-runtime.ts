/**
 * Runs inside each function's process and adds what hosted Edge Functions have beyond Deno's API:
 * `EdgeRuntime.waitUntil`, and a `beforeunload` event before the process ends. Must run on Deno 2.1.4.
 */
interface Handler {
  fetch(request: Request): Response | Promise<Response>;
}

/** The time that handlers of `beforeunload` get before the process ends: plenty, as the machine may be busy. */
const UNLOAD_MS = 60_000;

const requests = new Set<Promise<unknown>>();
const background = new Set<Promise<unknown>>();

Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil<T>(promise: Promise<T>): Promise<T> {
      keep(background, promise);
      return promise;
    },
  },
});

Deno.addSignalListener("SIGTERM", async () => {
  dispatchEvent(new CustomEvent("beforeunload", { detail: { reason: "termination" } }));
  console.error("beforeunload");
  await Promise.race([ended(requests, background), pause(UNLOAD_MS)]);
  // Lets the last responses leave.
  await pause(50);
  Deno.exit(0);
});

/** The default export that `deno serve` gets for a function with the default export `handler`. */
export function edgeFunction(handler: Handler): Handler {
  return {
    async fetch(request) {
      // Tells the pool when the background work of earlier requests has ended.
      if (new URL(request.url).pathname === "/_idle") {
        await ended(background);
        return new Response(null, { status: 204 });
      }
      const answer = Promise.resolve(handler.fetch(request));
      keep(requests, answer);
      const response = await answer;
      if (background.size === 0) return response;
      const headers = new Headers(response.headers);
      headers.set("x-background", "1");
      return new Response(response.body, { status: response.status, headers });
    },
  };
}

function keep(set: Set<Promise<unknown>>, promise: Promise<unknown>): void {
  const kept: Promise<unknown> = promise.then(() => {}, (error) => console.error(error)).then(() => set.delete(kept));
  set.add(kept);
}

async function ended(...sets: Set<Promise<unknown>>[]): Promise<void> {
  while (sets.some((set) => set.size > 0)) await Promise.all(sets.flatMap((set) => [...set]));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
