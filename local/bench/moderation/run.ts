/** Runs moderation.ts in a process of its own: it loads the packages of others. */
import { deno } from "../../tools/binaries.ts";

export async function moderation(): Promise<void> {
  const script = new URL("moderation.ts", import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const { success } = await new Deno.Command(deno("current"), {
    args: ["run", "--quiet", "--no-lock", "-A", `--config=${config}`, script],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error("the comparison of filters failed");
}
