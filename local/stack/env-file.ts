/** A file of NAME=value lines that other tools may write as well. */

export async function envFileValues(path: string): Promise<Record<string, string>> {
  const entries = (await lines(path)).map((line) => /^(\w+)=(.*)$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(entries.map(([, name, value]) => [name, value]));
}

/** Sets the values and keeps all other lines. Only the owner may read the file: it holds keys. */
export async function writeEnvFile(path: string, values: Record<string, string>): Promise<void> {
  const kept = (await lines(path)).filter((line) => !(line.split("=")[0]! in values));
  const ours = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  await Deno.writeTextFile(path, [...kept, ...ours, ""].join("\n"), { mode: 0o600 });
}

async function lines(path: string): Promise<string[]> {
  try {
    return (await Deno.readTextFile(path)).split("\n").filter(Boolean);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
