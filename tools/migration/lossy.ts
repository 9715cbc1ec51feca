/** Statements of a migration that lose data or may fail on existing rows. A renamed column is dropped and added. */
export function lossyStatements(text: string): string[] {
  return text
    // Ignores the bodies of functions, texts and comments.
    .replace(/(\$\w*\$)[^]*?\1|'(?:[^']|'')*'|--.*/g, (quoted) => quoted.startsWith("--") ? "" : "…")
    .split(";")
    .map((statement) => statement.trim().replace(/\s+/g, " "))
    .filter((statement) => lossy.test(statement));
}

const lossy =
  /\bdrop (table|column|attribute|schema|sequence)\b|\balter (column|attribute) .* type\b|\bset not null\b/i;
