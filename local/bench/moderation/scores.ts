/** How good predictions are, and whether one filter is better than another. */

const RESAMPLES = 1_000;

export interface Counts {
  /** By label and prediction: false and true negatives and positives. */
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

export function count(labels: boolean[], predictions: boolean[], order?: Uint32Array): Counts {
  const counts = { tp: 0, fp: 0, tn: 0, fn: 0 };
  for (let n = 0; n < labels.length; n++) {
    const index = order ? order[n]! : n;
    const label = labels[index], prediction = predictions[index];
    if (label) prediction ? counts.tp++ : counts.fn++;
    else prediction ? counts.fp++ : counts.tn++;
  }
  return counts;
}

/** Zero if nothing is found. */
export function f1({ tp, fp, fn }: Counts): number {
  return tp === 0 ? 0 : 2 * tp / (2 * tp + fp + fn);
}

/** The mean of the F1 of both classes: a filter that flags everything does not win. */
export function macroF1(counts: Counts): number {
  const { tp, fp, tn, fn } = counts;
  return (f1(counts) + f1({ tp: tn, fp: fn, tn: tp, fn: fp })) / 2;
}

export function precision({ tp, fp }: Counts): number {
  return tp === 0 ? 0 : tp / (tp + fp);
}

export function recall({ tp, fn }: Counts): number {
  return tp === 0 ? 0 : tp / (tp + fn);
}

/** The best recall of any threshold of a score whose precision is at least `floor`. */
export function recallAt(floor: number, labels: boolean[], scores: number[]): number {
  const order = scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
  const positives = labels.filter(Boolean).length;
  let [tp, best] = [0, 0];
  for (const [rank, index] of order.entries()) {
    if (labels[index]) tp++;
    const isLastOfEqual = rank + 1 === order.length || scores[order[rank + 1]!] !== scores[index];
    if (isLastOfEqual && tp / (rank + 1) >= floor) best = tp / positives;
  }
  return best;
}

/** The 95 % interval of the difference of two filters' macro-F1 on the same comments, by a seeded paired bootstrap. */
export function differenceInterval(labels: boolean[], ours: boolean[], theirs: boolean[]): [number, number] {
  const random = seeded(13);
  const order = new Uint32Array(labels.length);
  const differences: number[] = [];
  for (let n = 0; n < RESAMPLES; n++) {
    for (let index = 0; index < order.length; index++) order[index] = Math.floor(random() * labels.length);
    differences.push(macroF1(count(labels, ours, order)) - macroF1(count(labels, theirs, order)));
  }
  differences.sort((a, b) => a - b);
  return [differences[Math.floor(RESAMPLES * 0.025)]!, differences[Math.ceil(RESAMPLES * 0.975) - 1]!];
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
