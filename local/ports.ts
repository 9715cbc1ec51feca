/** Ports of the loopback address. */

/** A port that is free now. Another process may take it before it is used: callers that can, try again. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/** `port`, or a free one when it is 0. Throws if it is taken, naming the variable that chooses another. */
export function claimPort(port: number, variable: string): number {
  if (port === 0) return freePort();
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return port;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(
      `port ${port} is taken: set ${variable} to another one, as in \`${variable}=${port + 1000} make dev\``,
    );
  }
}
