/** What the stand-ins of the services that judge comments think: enough for tests to choose it by their words. */

const CATEGORIES = [
  "harassment",
  "harassment/threatening",
  "hate",
  "hate/threatening",
  "illicit",
  "illicit/violent",
  "self-harm",
  "self-harm/instructions",
  "self-harm/intent",
  "sexual",
  "sexual/minors",
  "violence",
  "violence/graphic",
];

export interface Scores {
  flagged: boolean;
  scores: Record<string, number>;
}

/** Objects to harbours, is unsure about meadows, and likes everything else. */
export function scoresOf(text: string): Scores {
  const harassment = text.includes("harbour") ? 0.93 : text.includes("meadow") ? 0.45 : 0.0017;
  const scores = Object.fromEntries(CATEGORIES.map((name) => [name, name === "harassment" ? harassment : 1.2e-5]));
  return { flagged: harassment >= 0.5, scores };
}

/** More than anybody wants to read: JSON that is right but for its length. */
export function huge(): string {
  return `{"model": "${"m".repeat(8 * 1024 * 1024)}"}`;
}
