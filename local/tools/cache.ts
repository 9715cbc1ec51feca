/** Downloads that npm does not keep, shared by all checkouts. */

export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "."}/.cache`;
  return `${base}/suplatzigram-queues`;
}

/** The path of a file or folder in the cache, which `make` writes at the path it is given if there is none yet. */
export async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const path = `${cacheFolder()}/${name}`;
  if (await exists(path)) return path;
  const partial = `${path}.${crypto.randomUUID()}`;
  await Deno.mkdir(cacheFolder(), { recursive: true });
  await make(partial);
  try {
    // Renamed into place, so that nobody finds half of it.
    await Deno.rename(partial, path);
  } catch (error) {
    // Another process was first.
    if (!(await exists(path))) throw error;
    await Deno.remove(partial, { recursive: true });
  }
  return path;
}

/** This machine cannot have it, for a reason that is no bug. */
export class Unavailable extends Error {}

/** As `cached`, or why this machine cannot have it. */
export async function cachedIfAvailable(
  name: string,
  make: (path: string) => Promise<void>,
): Promise<{ home?: string; problem?: string }> {
  try {
    return { home: await cached(name, make) };
  } catch (error) {
    if (error instanceof Unavailable) return { problem: error.message };
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
}
