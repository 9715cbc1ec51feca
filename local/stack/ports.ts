/** Ports of the loopback address. */

/**
 * A port that is free now. Another process may take it before it is used: callers that can, try again.
 *
 * It lies below those that outgoing connections are given (from 32768 on Linux, from 49152 on macOS): a server that is
 * restarted finds it free, even while its clients try to reach it.
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

/** `port`, or a free one when it is 0. Throws if it is taken, naming the variable that chooses another. */
export function claimPort(port: number, variable: string): number {
  if (port === 0) return freePort();
  return listenOn(port, variable, () => {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return port;
  });
}

/** What `listen` returns. If `port` is taken, the error names the variable that chooses another. */
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
