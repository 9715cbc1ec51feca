import "@suplatzigram/notifications/styles.css";
import "./styles.css";
import type { Database } from "@suplatzigram/notifications/database";
import { createClient } from "@supabase/supabase-js";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { ProjectProvider } from "./project.js";

interface Config {
  url: string;
  key: string;
  vapidPublicKey?: string;
}

const { url, key, vapidPublicKey }: Config = await (await fetch("/config.json")).json();
const client = createClient<Database>(url, key);
const queries = new QueryClient();

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <ProjectProvider client={client} vapidPublicKey={vapidPublicKey}>
        <App />
      </ProjectProvider>
    </QueryClientProvider>
  </StrictMode>,
);
