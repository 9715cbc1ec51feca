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
const LEVELS = ["severe", "offensive", "insults", "mild"] as const;
/** Of an entry of `cuss` that no list here names, by its sureness. */
const LEVEL_BY_SURENESS = [undefined, "mild", "offensive"] as const;

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

// Each line: the level's first letter, the language's, and the entry.
const lines = [...levels].filter(([, level]) => level !== "ignored")
  .map(([key, level]) => `${level[0]}${key[1] === "n" ? "e" : "s"}${key.slice(3)}`).sort();
const text = lines.join("\n") + "\n";

if (Deno.args[0] === "check") {
  if (await Deno.readTextFile(OUT) !== text) {
    console.error("src/moderation/words/entries.txt is not what tools/moderation/words.ts writes");
    Deno.exit(1);
  }
} else {
  await Deno.writeTextFile(OUT, text);
  console.log(`${lines.length} entries`);
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
    else for (const entry of line.split(",")) if (entry.trim()) yield [language, entry.trim()];
  }
}

/** As src/moderation/normalise folds text; a test there proves it of each entry. */
function fold(text: string): string {
  return text.toLowerCase().normalize("NFKD").replaceAll("n\u0303", "ñ").replaceAll(/\p{M}/gu, "");
}
