/**
 * Writes src/moderation/normalise/folding.txt: what characters are folded to, by Unicode's compatibility decomposition (NFKD)
 * without marks, in lower case. Only letters, digits and signs of the scripts in which words are looked
 * for: the tables for all of Unicode would be larger than the rest of moderation.
 *
 *     deno run -A --config local/deno.json tools/moderation/folding.ts
 */
const OUT = new URL("../../src/moderation/normalise/folding.txt", import.meta.url);
/** The longest that one character becomes, such as `㏂`. */
const MAX_CHARS = 4;

/** Runs of characters whose results follow each other too, or are the same. */
interface Run {
  first: number;
  last: number;
  to: string;
  /** `/` takes every second character: a capital before each small letter. */
  kind: "" | "=" | "+" | "/";
}
const runs: Run[] = [];
for (let code = 0x80; code <= 0x1fbff; code++) {
  if (code >= 0xd800 && code < 0xe000 || code >= 0xac00 && code < 0xd800) continue;
  const character = String.fromCodePoint(code);
  const to = folded(character);
  if (to === character || !isWanted(to)) continue;
  const last = runs.at(-1);
  const kind = last &&
    (["=", "+", "/"] as const).find((kind) =>
      (last.kind === "" || last.kind === kind) && continues(last, kind, code, to)
    );
  if (last && kind) Object.assign(last, { kind, last: code });
  else runs.push({ first: code, last: code, to, kind: "" });
}
const lines = runs.map(({ first, last, to, kind }) =>
  `${first.toString(16)}${kind ? kind + (last - first).toString(16) : ""} ${to}`
);
await Deno.writeTextFile(OUT, lines.join("\n") + "\n");
console.log(`${runs.length} runs`);

function continues(run: Run, kind: "=" | "+" | "/", code: number, to: string): boolean {
  const isOne = [...to].length === 1 && [...run.to].length === 1;
  const offset = kind === "=" ? 0 : code - run.first;
  return isOne && code === run.last + (kind === "/" ? 2 : 1) &&
    to.codePointAt(0) === run.to.codePointAt(0)! + offset;
}

function folded(character: string): string {
  return character.normalize("NFKD").toLowerCase().normalize("NFKD").replaceAll("n\u0303", "ñ").replaceAll(
    /\p{M}/gu,
    "",
  );
}

function isWanted(to: string): boolean {
  return [...to].length <= MAX_CHARS &&
    /^[ -~ñ\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}]+$/u.test(to);
}
