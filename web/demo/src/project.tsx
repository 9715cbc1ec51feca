/** The project that the pages talk to, and the person who is signed in. */
import type { Database } from "@suplatzigram/notifications/database";
import type { SupabaseClient } from "@supabase/supabase-js";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { type Texts, textsOf } from "./texts.js";

export type Client = SupabaseClient<Database>;

interface Project {
  client: Client;
  vapidPublicKey: string | undefined;
  /** Undefined until it is known. */
  person: { id: string; email: string } | null | undefined;
  t: Texts;
}

const Context = createContext<Project | undefined>(undefined);

export function ProjectProvider(props: { client: Client; vapidPublicKey?: string; children: ReactNode }) {
  const [person, setPerson] = useState<Project["person"]>(undefined);
  useEffect(() => {
    const { data } = props.client.auth.onAuthStateChange((_event, session) => {
      const user = session?.user;
      setPerson((before) => !user ? null : before?.id === user.id ? before : { id: user.id, email: user.email ?? "" });
    });
    return () => data.subscription.unsubscribe();
  }, [props.client]);
  const t = textsOf(navigator.language);
  return (
    <Context value={{ client: props.client, vapidPublicKey: props.vapidPublicKey, person, t }}>
      {props.children}
    </Context>
  );
}

export function useProject(): Project {
  return useContext(Context)!;
}
