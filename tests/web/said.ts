/** The English texts that the database and the core may show at the console, read from their sources. */
import { ROOT } from "../../local/tools/paths.ts";
import { statementsOf } from "../../web/console/src/statements.ts";

/** Two words at least. */
const PROSE = /[a-z]+,? [a-z`%(]/i;

/** What the app and its people are told, and who calls workers. */
const ELSEWHERE = [
  /^supabase\/schemas\/10_app\//,
  /^supabase\/schemas\/20_engine\/80_settlement_shape/,
  /^supabase\/schemas\/40_likes\//,
  /^supabase\/schemas\/45_comments\/(?!15_moderators)/,
  /^supabase\/schemas\/46_moderation\/(70_report|72_appeal)/,
  /^supabase\/schemas\/50_analytics\//,
  /^supabase\/schemas\/60_notify\/(?!80_delivery_health)/,
  /^supabase\/schemas\/35_limits\/55_charge_person/,
  /^src\/(moderation|images\/tests|notify\/(i18n|email))\//,
  /^src\/(wire\/(metrics|response|unsubscribe)|wasm\/\w+|.*\/tests)\.rs$/,
  /^src\/images\/(wasm|decode)\.rs$/,
];

/** SQL, names of policies and of types, notices of migrations, and what answers of providers are compared with. */
const NO_TEXTS = new Set([
  "%s %s",
  "%s in %s",
  "%s and %s",
  "is not null",
  "role %s",
  "database %s",
  "`begin; set transaction read write; %s; commit`",
  "people upload their own pictures",
  "operators look at uploads that failed",
  "operators see uploads that failed",
  "text, integer",
  "read committed",
  "database user",
  "net.http_post(text, jsonb, jsonb, jsonb, integer)",
  "realtime.send(jsonb, text, text, boolean)",
  "cron.schedule(text, text, text)",
  "{0,Plan,Plan Rows}",
  "$[0 to %s]",
  "public, max-age=31536000, immutable",
  "Storage is missing",
  "uploads are watched",
  "make it private, or name another bucket in queues.image_settings",
  "a dry run",
  "a trial",
  "The session id must have 1 to 128 characters.",
  "not correspond",
  "authorization header",
  "The registration token",
  "Maximum credits exceeded",
  "Invalid `from`",
  "Missing `from`",
  // Names of secrets.
  "%s,  and %s",
]);

/** Each text, or its template with `%s`, and the file that has it. */
export function saidTexts(): Map<string, string> {
  const texts = new Map<string, string>();
  for (
    const [folder, ending, read] of [
      ["supabase/schemas", ".sql", textsOfSql],
      ["supabase/migrations", "_jobs.sql", textsOfSql],
      ["src", ".rs", textsOfRust],
    ] as const
  ) {
    for (const file of filesOf(folder, ending)) {
      if (ELSEWHERE.some((path) => path.test(file))) continue;
      for (const text of read(Deno.readTextFileSync(`${ROOT}/${file}`))) {
        // A statement is the same in every language, and so is a part of one.
        const isSql = statementsOf(text)[0] === text || /^(and|order by|where|vt|alter %s) /.test(text);
        if (PROSE.test(text) && !isSql && !NO_TEXTS.has(text) && !texts.has(text)) texts.set(text, file);
      }
    }
  }
  return texts;
}

function* filesOf(folder: string, ending: string): Generator<string> {
  for (const { name, isDirectory } of [...Deno.readDirSync(`${ROOT}/${folder}`)]) {
    if (isDirectory) yield* filesOf(`${folder}/${name}`, ending);
    else if (name.endsWith(ending)) yield `${folder}/${name}`;
  }
}

/** What begins or ends with a space is put before or after something. */
const asTemplate = (text: string) => `${text.startsWith(" ") ? "%s" : ""}${text}${text.endsWith(" ") ? "%s" : ""}`;

type Token = string | { text: string };

const isText = (token: Token | undefined): token is { text: string } => typeof token === "object";

function* textsOfSql(sql: string): Generator<string> {
  const fixed = /c_fixed constant text\[\] := array\[(.*?)\]/.exec(
    Deno.readTextFileSync(`${ROOT}/supabase/schemas/80_console/50_settings.sql`),
  )![1]!;
  const shown = (column: string) => {
    const setting = /^queues\.settings\.(\w+)$/.exec(column)?.[1];
    return setting !== undefined && !fixed.includes(`'${setting}'`);
  };
  const tokens: Token[] = [];
  // Comments; dollar-quoted SQL, but not the bodies of functions; strings, words, other characters.
  const parts = /--[^\n]*|\$([a-z]+)\$[\s\S]*?\$\1\$|e?'((?:[^']|'')*)'|[a-z_][\w.]*|[^\s]/gi;
  for (const { 0: all, 2: string } of sql.matchAll(parts)) {
    if (all.startsWith("--")) continue;
    // SQL that is given to format, with its own texts.
    if (all.startsWith("$")) {
      for (const [, text] of all.matchAll(/'([^']*%%s[^']*)'/g)) yield text!.replaceAll("%%s", "%s");
      continue;
    }
    const text = string?.replaceAll("''", "'");
    const before = tokens.at(-1);
    // A string that goes on in the next line.
    if (text !== undefined && isText(before)) before.text += text;
    else tokens.push(text === undefined ? all.toLowerCase() : { text });
  }
  let commented: Token | undefined;
  for (const [i, token] of tokens.entries()) {
    if (token === "comment" && tokens[i + 1] === "on") commented = tokens[i + 3];
    else if (token === ";") commented = undefined;
    if (!isText(token)) continue;
    if (commented !== undefined && !shown(commented as string)) continue;
    const [first, second, third] = [tokens[i - 1], tokens[i - 2], tokens[i - 3]];
    // Logged, or executed.
    if (first === "execute" || isLogged(first) || /%(?![sLI%\d])/.test(token.text)) continue;
    if (first === "(" && second === "format" && (third === "execute" || isLogged(tokens[i - 5]))) continue;
    yield asTemplate(token.text.replace(/%[sLI]/g, "%s"));
  }
}

/** As in: raise warning '%', format(…) */
const isLogged = (token: Token | undefined) => token === "warning" || token === "notice";

/** What serde expects of other programs, and why a lint does not apply. */
const NOT_SHOWN = [/read_by_name!\([^)]*$/, /json::text\([^)]*$/, /write_str\($/, /reason=$/];

function* textsOfRust(rust: string): Generator<string> {
  const tokens: Token[] = [];
  const parts = /\/\/[^\n]*|r#"[\s\S]*?"#|"((?:\\[\s\S]|[^"\\])*)"|'(?:\\.|[^'\\])'|\w+|\S/g;
  for (const { 0: all, 1: string } of rust.split("#[cfg(test)]")[0]!.matchAll(parts)) {
    if (all.startsWith("//") || all.startsWith("r#")) continue;
    const text = string?.replace(/\\\n\s*/g, "").replaceAll('\\"', '"').replace(/\{[^{}]*\}/g, "%s");
    tokens.push(text === undefined ? all : { text });
  }
  const start: number[] = [];
  const skipped = new Set<number>();
  for (const [i, token] of tokens.entries()) {
    if (token === "[") start.push(i);
    if (token !== "]") continue;
    const from = start.pop()!;
    // Texts that are joined with something else.
    if (tokens[i + 1] !== "." || tokens[i + 2] !== "concat") continue;
    const items: string[] = [];
    for (let at = from + 1; at < i; at++) {
      const item = tokens[at]!;
      skipped.add(at);
      if (isText(item)) items.push(item.text);
      else if (item !== "," && (tokens[at - 1] === "," || at === from + 1)) items.push("%s");
    }
    if (items.length > 1) yield items.join("");
  }
  for (const [i, token] of tokens.entries()) {
    if (!isText(token) || skipped.has(i)) continue;
    const before = tokens.slice(Math.max(0, i - 60), i).map((it) => isText(it) ? "" : it).join("");
    if (!NOT_SHOWN.some((it) => it.test(before.split(/[;})]/).at(-1)!))) yield asTemplate(token.text);
  }
}
