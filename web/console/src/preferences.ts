/** What a person has chosen for this browser. */
const THEME = "console theme";
const LANGUAGE = "console language";

export const themes = ["system", "light", "dark"] as const;
export type Theme = typeof themes[number];

export function themeOf(): Theme {
  const chosen = localStorage.getItem(THEME);
  return themes.find((theme) => theme === chosen) ?? "system";
}

/** Charts read their colors from the page. */
export const THEME_CHANGED = "theme";

export function applyTheme(theme = themeOf()): void {
  localStorage.setItem(THEME, theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  dispatchEvent(new Event(THEME_CHANGED));
}

export function languageOf(): "en" | "es" {
  const language = localStorage.getItem(LANGUAGE) ?? navigator.language;
  return language.startsWith("es") ? "es" : "en";
}

/** All texts change, so the page begins anew; drafts outlive it. */
export function chooseLanguage(language: string): void {
  localStorage.setItem(LANGUAGE, language);
  location.reload();
}

/** What somebody is editing outlives a reload, and the end of a session. */
export const drafts = {
  read: (key: string): string | undefined => sessionStorage.getItem(`draft ${key}`) ?? undefined,
  keep: (key: string, text: string): void => sessionStorage.setItem(`draft ${key}`, text),
  drop: (key: string): void => sessionStorage.removeItem(`draft ${key}`),
};
