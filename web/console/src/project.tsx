/** The project, who is signed in, and the language. */
import { QueryClient, useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { Pages } from "./pages.js";
import type { Client } from "./client.js";
import { CallError, mayPass, page } from "./rpc.js";
import type { Texts } from "./texts/en.js";

interface Project {
  client: Client;
  /** Undefined until it is known, null if nobody is. */
  person: { id: string; email: string } | null | undefined;
  /** Whose answers are shown: the person, or who was here when the session ended. */
  owner: string | undefined;
  language: string;
  t: Texts;
  /** What the database or the core says, in this language if it is known. */
  say(text: string): string;
}

const Context = createContext<Project | undefined>(undefined);

interface ProviderProps extends Pick<Project, "client" | "language" | "t" | "say"> {
  children: ReactNode;
}

export function ProjectProvider({ client, language, t, say, children }: ProviderProps) {
  const [person, setPerson] = useState<Project["person"]>(undefined);
  const [owner, setOwner] = useState<string>();
  useEffect(() => {
    if (person) setOwner(person.id);
  }, [person]);
  useEffect(() => {
    const { data } = client.auth.onAuthStateChange((_event, session) => {
      const user = session?.user;
      setPerson((before) => !user ? null : before?.id === user.id ? before : { id: user.id, email: user.email ?? "" });
    });
    return () => data.subscription.unsubscribe();
  }, [client]);
  return <Context value={{ client, person, owner: person?.id ?? owner, language, t, say }}>{children}</Context>;
}

export function useProject(): Project {
  return useContext(Context)!;
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What a database that is slow answers is better than a second question.
      retry: (failures, error) => failures < 1 && mayPass(error),
      retryDelay: 1_000,
      staleTime: 2_000,
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

export interface PageOptions {
  refreshMs?: number;
  enabled?: boolean;
  /** Shows the last answer while another one is under way. */
  keep?: boolean;
}

export function usePage<Name extends keyof Pages>(name: Name, args: object = {}, options: PageOptions = {}) {
  const { client, person, owner } = useProject();
  return useQuery<Pages[Name], CallError>({
    queryKey: ["page", name, args, owner],
    queryFn: ({ signal }) => page(client, name, args, signal),
    refetchInterval: options.refreshMs ?? false,
    // Not while a session is renewed: what was answered before stays.
    enabled: !!person && (options.enabled ?? true),
    placeholderData: options.keep ? (before) => before : undefined,
  });
}

/** After an action, everything may be different. */
export async function refresh(): Promise<void> {
  await queries.invalidateQueries({ queryKey: ["page"] });
}
