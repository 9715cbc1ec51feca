/**
 * Writes src/moderation/words/entries.txt: the words that moderation looks for, from npm `cuss` and from lists/.
 *
 *     deno run -A --config local/deno.json tools/moderation/words.ts [check]
 *
 * `check` writes nothing and fails if the file is not what would be written.
 */
import { createHash } from "node:crypto";

/** npm `cuss`, MIT. Its licence is kept in src/moderation/words/cuss.license. */
const CUSS = {
  version: "2.2.0",
  sha256: {
    en: "c46c11d47d270fe1088b697473dd5dad69cf43a2c730d5db76eb3c59b165450d",
    es: "ed4c5b933e69feb9541b21dd8e13288e39ba220c8f5a091946c138479f179050",
  },
};
const OUT = new URL("../../src/moderation/words/entries.txt", import.meta.url);

type Language = "en" | "es";
const LEVELS = ["severe", "offensive", "insults", "personal", "mild"] as const;
/** Of an entry of `cuss` that no list here names, by its sureness. */
const LEVEL_BY_SURENESS = [undefined, "mild", "offensive"] as const;

/** The letters for what an entry shares with the one before it. */
const SHARED = "BCDEFGHIJ";

const levels = new Map<string, string>();
const put = (language: Language, entry: string, level: string) => {
  const key = `${language} ${fold(entry)}`;
  if (!levels.has(key)) levels.set(key, level);
};
for (const level of [...LEVELS, "ignored"]) {
  for (const [language, entry] of read(level)) put(language, entry, level);
}
for (const language of ["en", "es"] as const) {
  for (const [entry, sureness] of Object.entries(await cuss(language))) {
    const level = LEVEL_BY_SURENESS[sureness];
    if (level) put(language, entry, level);
  }
}
for (const [language, entry] of read("allowed")) levels.set(`${language} ${fold(entry)}`, "allowed");

// What another entry of its level or a worse one finds in it would say nothing more.
const patterns = new Map<string, string[]>();
for (const [key, level] of levels) {
  const language = key.slice(0, 3);
  const from = LEVELS.findIndex((other) => other === level);
  if (from < 0) continue;
  for (const other of LEVELS.slice(from)) {
    const word = key.slice(3).replaceAll("~", "");
    const known = `${other} ${language}${word}`;
    patterns.set(known, [...patterns.get(known) ?? [], key]);
  }
}

const groups = Map.groupBy(
  [...levels].filter(([key, level]) => level !== "ignored" && isFoundByAnother(key, level) === (level === "allowed")),
  ([key, level]) => `${level[0]}${key[1] === "n" ? "e" : "s"}`,
);
const text = [...groups].sort().map(([heading, entries]) =>
  `=${heading}\n${shortened(entries.map(([key]) => key.slice(3)).sort())}\n`
).join("");

if (Deno.args[0] === "check") {
  if (await Deno.readTextFile(OUT) !== text) {
    console.error("src/moderation/words/entries.txt is not what tools/moderation/words.ts writes");
    Deno.exit(1);
  }
} else {
  await Deno.writeTextFile(OUT, text);
  console.log(`${[...groups.values()].flat().length} entries`);
}

async function cuss(language: Language): Promise<Record<string, number>> {
  const { cuss } = await import(`npm:cuss@${CUSS.version}${language === "en" ? "" : `/${language}`}`);
  const hash = createHash("sha256").update(JSON.stringify(cuss)).digest("hex");
  if (hash !== CUSS.sha256[language]) {
    throw new Error(`the ${language} list of cuss ${CUSS.version} has the hash ${hash}`);
  }
  return cuss;
}

/** The entries of a list with their languages. */
function* read(name: string): Generator<[Language, string]> {
  let language: Language = "en";
  const list = Deno.readTextFileSync(new URL(`lists/${name}.txt`, import.meta.url));
  for (const line of list.split("\n").filter((line) => line && !line.startsWith("#"))) {
    const heading = /^\[(en|es)\]$/.exec(line);
    if (heading) language = heading[1] as Language;
    else for (const entry of line.split(",").flatMap(inflected)) if (entry) yield [language, entry];
  }
}

/** `@` stands for the endings of Spanish adjectives, the same one throughout an entry. */
function inflected(entry: string): string[] {
  const endings = entry.includes("@") ? ["o", "a", "os", "as"] : [""];
  return endings.map((ending) => entry.trim().replaceAll("@", ending));
}

/** Whether a text that is this entry has another one of its level or a worse one; of what is allowed, one of any level. */
function isFoundByAnother(key: string, level: string): boolean {
  const [language, entry] = [key.slice(0, 3), key.slice(3)];
  const word = entry.replaceAll("~", "");
  const isLetter = (at: number) => /[\p{L}\p{N}]/u.test(word[at] ?? " ");
  for (let start = 0; start < word.length; start++) {
    for (let end = start + 1; end <= word.length; end++) {
      const known = `${level === "allowed" ? "mild" : level} ${language}${word.slice(start, end)}`;
      for (const other of patterns.get(known) ?? []) {
        const isOpen = [other[3] === "~", other.endsWith("~")] as const;
        const fits = (open: boolean, at: number, isOpenHere: boolean) => open || !isLetter(at) && !isOpenHere;
        const isSame = other === key;
        if (
          !isSame && fits(isOpen[0], start - 1, entry.startsWith("~") && start === 0) &&
          fits(isOpen[1], end, entry.endsWith("~") && end === word.length)
        ) return true;
      }
    }
  }
  return false;
}

/** Each entry but for what it shares with the one before it: `B` stands for one character, `C` for two. */
function shortened(entries: string[]): string {
  let before = "";
  return entries.map((entry) => {
    let same = 0;
    while (same < SHARED.length && same < before.length && before[same] === entry[same]) same++;
    const separator = before === "" ? "" : same === 0 ? "\n" : SHARED[same - 1]!;
    before = entry;
    return separator + entry.slice(same);
  }).join("");
}

/** As src/moderation/normalise folds text; a test there proves it of each entry. */
function fold(text: string): string {
  return text.toLowerCase().normalize("NFKD").replaceAll("n\u0303", "ñ").replaceAll(/\p{M}/gu, "");
}
