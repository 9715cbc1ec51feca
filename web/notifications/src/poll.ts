/** How often to ask, where broadcasts do not arrive. */

const LAST_MS = 120_000;
/** Where they do: they may be missed. */
export const LIVE_MS = 300_000;

/** Doubles with each answer that was the same as the one before. */
export function pollDelay(firstMs: number, unchanged: number): number {
  return Math.min(LAST_MS, firstMs * 2 ** Math.min(unchanged, 10));
}
