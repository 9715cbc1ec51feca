/** As `make lint` wants it. */
import { ROOT } from "../../local/tools/paths.ts";

export async function formatted(code: string): Promise<string> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", `${ROOT}/local/deno.json`, "--ext", "ts", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = process.stdin.getWriter();
  await input.write(new TextEncoder().encode(code));
  await input.close();
  const { success, stdout } = await process.output();
  if (!success) throw new Error("`deno fmt` failed");
  return new TextDecoder().decode(stdout);
}
