import { type Dictionary, en } from "./en.js";
import { es } from "./es.js";

export type { Dictionary };
export const dictionaries = { en, es };

/** As the project chooses the language of texts: Spanish for es, es-AR, es_MX, …; English for all others. */
export function languageOf(tag: string | null | undefined): keyof typeof dictionaries {
  return /^es($|[-_.@])/i.test(tag ?? "") ? "es" : "en";
}
