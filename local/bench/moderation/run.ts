/** Runs moderation.ts in a process of its own: it loads the packages of others. */
import { ROOT } from "../../tools/paths.ts";
import { deno } from "../../tools/binaries.ts";

export async function moderation(): Promise<void> {
  const { success } = await new Deno.Command(deno("current"), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "-A",
      `--config=${ROOT}/local/deno.json`,
      `${ROOT}/local/bench/moderation/moderation.ts`,
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error("the comparison of filters failed");
}
