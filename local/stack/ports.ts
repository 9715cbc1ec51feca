/** Ports of the loopback address. */

/**
 * A port that is free now. Another process may take it before it is used, so callers try again.
 *
 * It is below the ephemeral ports (from 32768 on Linux, from 49152 on macOS): no outgoing connection can take it while its
 * server restarts.
 */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (isFree(port)) return port;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}

/** `port`, or a free port if it is 0. If it is taken, the error names the variable that selects another. */
export function claimPort(port: number, variable: string): number {
  if (port === 0) return freePort();
  return listenOn(port, variable, () => {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return port;
  });
}

/** Calls `listen`. If `port` is taken, the error names the variable that selects another. */
export function listenOn<T>(port: number, variable: string, listen: () => T): T {
  try {
    return listen();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `port ${port} is taken: set ${variable} to another one, as in \`${variable}=${port + 1000} make dev\``,
    );
  }
}
