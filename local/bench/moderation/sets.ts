/** The labelled comments. They are not part of this project: docs/moderation.md says where they come from. */
import { parse } from "./csv.ts";

/** Labels of what is to be found; all others are innocent. */
const POSITIVE = new Set(["toxic", "offensive", "hate", "hateful", "spam", "1", "true"]);
/** Our models have learnt from these: docs/moderation.md has the numbers for what they had not seen. */
const LEARNT = new Set(["offensive_en.csv", "toxicity_en_half.csv", "spam_en.csv"]);

/** Of a larger set every n-th comment is judged: some filters take a millisecond or more for each. */
const MAX_COMMENTS = 4_000;

export interface LabelledSet {
  name: string;
  language: string;
  isSpam: boolean;
  isLearnt: boolean;
  comments: Comment[];
}

export interface Comment {
  text: string;
  isPositive: boolean;
  /** What it tests, in sets that say so. */
  functionality?: string;
}

/** Reads `<kind>_<language>….csv` of a folder, with the columns `text` and `label`. */
export function readSets(folder: string): LabelledSet[] {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return names.flatMap((name) => {
    const [, kind, language] = /^([a-z]+)_(en|es)(?:_\w+)?\.csv$/.exec(name) ?? [];
    if (!kind || !language) return [];
    const rows = parse(Deno.readTextFileSync(`${folder}/${name}`)).map(({ text, label, functionality }) => ({
      text: text!,
      isPositive: POSITIVE.has(label!.toLowerCase()),
      functionality,
    }));
    const step = Math.ceil(rows.length / MAX_COMMENTS);
    const comments = rows.filter((_, index) => index % step === 0);
    return [{ name, language, isSpam: kind === "spam", isLearnt: LEARNT.has(name), comments }];
  });
}
