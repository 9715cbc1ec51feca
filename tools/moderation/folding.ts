/**
 * Writes src/moderation/normalise/folding.txt: what characters are folded to, beyond their lower case, by Unicode's
 * compatibility decomposition (NFKD) without marks. Only letters, digits and signs of the scripts in which words are looked
 * for: the tables for all of Unicode would be larger than the rest of moderation.
 *
 *     deno run -A --config local/deno.json tools/moderation/folding.ts
 */
const OUT = new URL("../../src/moderation/normalise/folding.txt", import.meta.url);
/** The longest that one character becomes, such as `㏂`. */
const MAX_CHARS = 4;

/** Runs of characters whose results follow each other too: first and last code point, and the first result. */
const runs: { first: number; last: number; to: string; step: number }[] = [];
for (let code = 0x80; code <= 0x1fbff; code++) {
  if (code >= 0xd800 && code < 0xe000 || code >= 0xac00 && code < 0xd800) continue;
  const character = String.fromCodePoint(code);
  const to = folded(character);
  if (to === character || to === character.toLowerCase() || !isWanted(to)) continue;
  const last = runs.at(-1);
  const follows = (step: number) =>
    last && [...to].length === 1 && [...last.to].length === 1 && last.last + 1 === code &&
    to.codePointAt(0) === last.to.codePointAt(0)! + step * (code - last.first);
  if (last && (last.first === last.last ? follows(1) || follows(0) : follows(last.step))) {
    if (last.first === last.last) last.step = follows(1) ? 1 : 0;
    last.last = code;
  } else {
    runs.push({ first: code, last: code, to, step: 0 });
  }
}
const lines = runs.map(({ first, last, to, step }) => {
  const count = last - first;
  return `${first.toString(16)}${count ? `${step ? "+" : "="}${count.toString(16)}` : ""} ${to}`;
});
await Deno.writeTextFile(OUT, lines.join("\n") + "\n");
console.log(`${runs.length} runs`);

function folded(character: string): string {
  return character.normalize("NFKD").toLowerCase().normalize("NFKD").replaceAll("n\u0303", "ñ").replaceAll(
    /\p{M}/gu,
    "",
  );
}

function isWanted(to: string): boolean {
  return [...to].length <= MAX_CHARS && /^[ -~ñ\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]+$/u.test(to);
}
