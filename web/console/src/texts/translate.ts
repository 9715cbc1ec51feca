/**
 * Texts of the database and of the core in another language. As with gettext the English text is the key, or its template
 * with `%s` for what differs; a text without a translation stays English.
 */
export type Catalogue = Record<string, string>;

/** Longer ones are nobody's of ours. */
const MAX_CHARS = 10_000;
/** Of texts within texts. */
const MAX_DEPTH = 4;
/** A template with so little text of its own may match anything: it counts if what differs is known. */
const WEAK_CHARS = 6;

export function translator(catalogue: Catalogue): (text: string) => string {
  const templates = Object.entries(catalogue).filter(([key]) => key.includes("%s"))
    .map(([key, translation]) => ({ parts: key.split("%s"), translation }))
    // What says more is matched before what says less.
    .sort((a, b) => letters(b.parts) - letters(a.parts));

  /** What differs may be a text of its own. */
  const translate = (text: string, depth: number): string => {
    if (Object.hasOwn(catalogue, text)) return catalogue[text]!;
    if (depth > MAX_DEPTH) return text;
    for (const { parts, translation } of templates) {
      const found = match(text, parts);
      if (!found) continue;
      const known = found.map((part) => translate(part, depth + 1));
      if (letters(parts) <= WEAK_CHARS && known.every((part, i) => part === found[i])) continue;
      let next = 0;
      return translation.replaceAll("%s", () => known[next++]!);
    }
    return text;
  };
  return (text) => text.length > MAX_CHARS ? text : translate(text, 0);
}

const letters = (parts: string[]) => parts.join("").length;

/** What is between the parts. Each is found at its first place, in a time that grows with the text alone. */
function match(text: string, parts: string[]): string[] | undefined {
  const [first, ...rest] = parts as [string, ...string[]];
  const last = rest.pop()!;
  if (!text.startsWith(first)) return undefined;
  const found: string[] = [];
  let at = first.length;
  for (const part of rest) {
    const next = text.indexOf(part, at);
    if (next < 0) return undefined;
    found.push(text.slice(at, next));
    at = next + part.length;
  }
  if (text.length - last.length < at || !text.endsWith(last)) return undefined;
  return [...found, text.slice(at, text.length - last.length)];
}
