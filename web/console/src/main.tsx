import "@suplatzigram/notifications/styles.css";
import "./styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { createClient } from "./client.js";
import { applyTheme, languageOf } from "./preferences.js";
import { ProjectProvider, queries } from "./project.js";
import type { Texts } from "./texts/en.js";
import { translator } from "./texts/translate.js";

interface Config {
  url: string;
  /** The publishable key. */
  key: string;
}

applyTheme();
// No form is ever sent by the browser itself, which would put what is typed into the address.
addEventListener("submit", (event) => event.preventDefault(), { capture: true });
const language = languageOf();
document.documentElement.lang = language;
const [{ url, key }, texts, said] = await Promise.all([
  fetch("./config.json").then((answer) => answer.json() as Promise<Config>),
  language === "es"
    ? import("./texts/es.js").then(({ es }): Texts => es)
    : import("./texts/en.js").then(({ en }) => en),
  language === "es" ? import("./texts/said.es.js").then(({ said }) => said) : {},
]);
// Apart from the app's own session, if both have one origin.
const client = createClient(url, key, "suplatzigram-console");

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <ProjectProvider client={client} language={language} t={texts} say={translator(said)}>
        <App />
      </ProjectProvider>
    </QueryClientProvider>
  </StrictMode>,
);
