/** Where downloads that npm does not keep are kept between checkouts. */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "."}/.cache`;
  return `${base}/suplatzigram-queues`;
}
