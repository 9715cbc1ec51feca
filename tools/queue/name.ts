/** Names of queues. */

/** The name of a queue in the database and in paths, in its function, and in Rust. */
export interface QueueName {
  /** `comment_events` */
  snake: string;
  /** `comment-events` */
  kebab: string;
  /** `CommentEvents` */
  pascal: string;
}

/** pgmq allows 47 characters; the dead-letter queue `<queue>_dlq` needs four more. */
const MAX_CHARS = 43;

// Words of one letter and words that begin with a digit would be lost in PascalCase.
const words = /^[a-z]{2}[a-z0-9]*(_[a-z]{2}[a-z0-9]*)*$/;

// deno-fmt-ignore
const keywords = new Set([
  "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum",
  "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut",
  "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
  "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
]);

/** What is wrong with a name; undefined if nothing is. */
export function nameProblem(name: string): string | undefined {
  if (!words.test(name)) {
    return "use words of a-z and 0-9 that begin with two letters, joined by `_`, as in comment_events";
  }
  if (name.length > MAX_CHARS) return `it has ${name.length} characters; ${MAX_CHARS} are allowed`;
  if (name.endsWith("_dlq")) return "names that end with _dlq are for dead-letter queues";
  if (keywords.has(name)) return "it is a keyword of Rust, where the folder of the queue is a module";
  return undefined;
}

export function queueName(snake: string): QueueName {
  const words = snake.split("_");
  const pascal = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return { snake, kebab: words.join("-"), pascal };
}
