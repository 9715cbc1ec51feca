/** The statements of a remedy: they are between backticks, unless they are all of it. */
const SQL =
  /^(alter (database|role|system|table) |begin;|create extension |delete from |drop extension |grant \w+ on |insert into |select |update \w+\.)/;

export function statementsOf(remedy: string): string[] {
  const quoted = remedy.split("`").filter((part, i) => i % 2 === 1 && SQL.test(part));
  return quoted.length > 0 || !SQL.test(remedy) ? quoted : [remedy];
}
