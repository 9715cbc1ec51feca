/** Run by itself: how well comments are judged, and how fast, beside other filters. MODERATION_DATA names the sets. */
import { ROOT } from "../../tools/paths.ts";
import { gzipSync } from "node:zlib";
import { heading, median, row } from "../table.ts";
import { claimsOf, isFound, judge } from "./ours.ts";
import { type Filter, rivals } from "./rivals.ts";
import { count, differenceInterval, f1, macroF1, precision, recall, recallAt } from "./scores.ts";
import { type LabelledSet, readSets } from "./sets.ts";

const BATCH_MS = 300;
const REPETITIONS = 5;
/** What a rejection by itself must be right about. */
const FLOOR = 0.95;

const folder = Deno.env.get("MODERATION_DATA");
if (!folder) {
  console.log(
    "\nmoderation is NOT MEASURED: MODERATION_DATA names no folder of labelled comments (docs/moderation.md)",
  );
  Deno.exit(0);
}
const sets = readSets(folder);
if (sets.length === 0) throw new Error(`${folder} has no set such as toxicity_en.csv: see docs/moderation.md`);
sets.push(...readSets(`${ROOT}/tests/moderation`));
const filters = await rivals();
for (const set of sets) quality(set);
speed(sets);
size();

function quality(set: LabelledSet): void {
  const labels = set.comments.map(({ isPositive }) => isPositive);
  const texts = set.comments.map(({ text }) => text);
  const verdicts = judge(claimsOf(texts, set.language));
  const ours = verdicts.map((verdict) => isFound(verdict, set.isSpam));
  const rejected = verdicts.map(({ verdict }, index) => verdict === "rejected" && ours[index]!);
  const scores = verdicts.map(({ scores }) => set.isSpam ? scores.spam : scores.offence);
  const predictions = Object.entries(filters).map(([name, filter]) => [name, texts.map(filter)] as const);

  heading(
    `${set.name}: ${texts.length} comments, ${labels.filter(Boolean).length} to be found` +
      (set.isLearnt ? "; OUR MODELS HAVE LEARNT FROM THEM" : ""),
    ["macro-F1", "F1", "precision", "recall", "ours minus it, 95 %"],
  );
  for (const [name, found] of [["ours", ours] as const, ...predictions]) {
    const counts = count(labels, found);
    const numbers = [macroF1, f1, precision, recall].map((score) => score(counts).toFixed(3));
    const interval = name === "ours" ? "" : differenceInterval(labels, ours, found)
      .map((bound) => (bound < 0 ? "" : "+") + bound.toFixed(3)).join(" to ");
    row(name, [...numbers, interval]);
  }
  const anyhow = count(labels, verdicts.map(({ verdict }) => verdict !== "approved"));
  row("ours, by whatever signal", [macroF1, f1, precision, recall].map((score) => score(anyhow).toFixed(3)));
  const counts = count(labels, rejected);
  row("rejected without a moderator", ["", "", precision(counts).toFixed(3), recall(counts).toFixed(3)]);
  row(`score alone, precision ${FLOOR}`, ["", "", "", recallAt(FLOOR, labels, scores).toFixed(3)]);

  const functionalities = [...new Set(set.comments.map(({ functionality }) => functionality))];
  if (functionalities.length < 2) return;
  heading(`${set.name}: share judged right`, ["ours", ...predictions.map(([name]) => name)]);
  for (const functionality of functionalities.sort()) {
    const indices = set.comments.flatMap((comment, index) => comment.functionality === functionality ? [index] : []);
    const right = (found: boolean[]) => indices.filter((index) => found[index] === labels[index]).length;
    const cells = [ours, ...predictions.map(([, found]) => found)].map((found) => right(found) / indices.length);
    row(functionality!, cells.map((share) => share.toFixed(2)));
  }
}

/** Comments of the median length: of those around the middle, so that they differ. */
function speed(sets: LabelledSet[]): void {
  const texts = sets.flatMap(({ comments }) => comments.map(({ text }) => text)).sort((a, b) => a.length - b.length);
  const middle = texts.slice(Math.floor(texts.length * 0.48), Math.ceil(texts.length * 0.52));
  const claims = claimsOf(middle, "en");
  heading(`comments a second, ${middle[0]!.length} characters each, Deno ${Deno.version.deno}`, ["", "median of 5"]);
  const works: Record<string, () => unknown> = { "ours, from claim to settlement": () => judge(claims) };
  for (const [name, filter] of Object.entries(filters) as [string, Filter][]) works[name] = () => middle.map(filter);
  for (const [name, work] of Object.entries(works)) {
    const rates = Array.from({ length: REPETITIONS }, () => {
      const started = performance.now();
      let calls = 0;
      do {
        work();
        calls++;
      } while (performance.now() - started < BATCH_MS);
      return calls * middle.length * 1_000 / (performance.now() - started);
    });
    row(name, ["", `${Math.round(median(rates))}`]);
  }
}

function size(): void {
  const wasm = Deno.readFileSync(new URL("../../../pkg/comments/queues_bg.wasm", import.meta.url));
  heading("bytes of WebAssembly", ["raw", "gzip -9"]);
  row("pkg/comments", [`${wasm.length}`, `${gzipSync(wasm, { level: 9 }).length}`]);
}
