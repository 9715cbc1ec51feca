/** Runs a program. Returns what went wrong. */
export async function run(cwd: string, program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(program, { args, cwd }).output();
    if (!success) return `\`${program}\` failed: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return `\`${program}\` was not found`;
  }
}
