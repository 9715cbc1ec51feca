/** Receives the output of the stack's programs, line by line. */
export type Log = (line: string) => void;

export const logToStderr: Log = (line) => console.error(line);

export const logNothing: Log = () => {};

/** Appends to a file. */
export function logToFile(path: string): Log {
  return (line) => Deno.writeTextFileSync(path, `${line}\n`, { append: true });
}
