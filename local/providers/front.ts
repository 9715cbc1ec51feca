/** Starts tls-front.mjs for the services behind TLS. */
import { Child } from "../stack/child.ts";
import type { Service } from "./log.ts";

export interface Fronted {
  name: Service;
  /** Where the service itself listens. */
  port: number;
  /** Whether HTTP/1.1 is served too. */
  allowHTTP1: boolean;
}

export interface Front {
  /** Where senders reach each service. */
  ports: Partial<Record<Service, number>>;
  stop(): Promise<void>;
}

export async function startFront(
  folder: string,
  certificate: { key: string; cert: string },
  services: Fronted[],
): Promise<Front> {
  await Deno.writeTextFile(`${folder}/front.json`, JSON.stringify({ ...certificate, services }), { mode: 0o600 });
  const listening = Promise.withResolvers<Front["ports"]>();
  const child = await Child.start({
    name: "tls-front",
    program: "node",
    args: [`${import.meta.dirname}/tls-front.mjs`, folder],
    endSignal: "SIGTERM",
    log: (line) => {
      const ports = /Listening (\{.*\})/.exec(line)?.[1];
      if (ports) listening.resolve(JSON.parse(ports));
      else console.error(line);
    },
  });
  const ended = child.exited.then(() => {
    throw new Error(`the TLS front of the providers exited: ${child.lastLines}`);
  });
  const ports = await Promise.race([listening.promise, ended]);
  ended.catch(() => {});
  return { ports, stop: () => child.end() };
}
