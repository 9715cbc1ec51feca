/**
 * The database of the simulation (tests/simulation/database.rs) is a model of claim_messages and settle_messages. The
 * simulation records some of its runs, and Postgres must agree with the model at each call. `REPLAY_SEEDS` sets how many
 * seeds of each scenario are replayed (1 by default).
 */
import { equal, notEqual } from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";
import { stopClock } from "./clock.ts";
import { firstDifference } from "./replay.ts";
import { sessionSettings, startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

Deno.test("the simulation's model and Postgres agree", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "queues-recordings-" });
  try {
    await record(folder);
    for (const version of versions) {
      await using server = await startServer(version);
      await using database = await server.copy();
      await stopClock(database);
      await using sessions = new Sessions(database, sessionSettings[version]);
      const [sql] = await sessions.open(1);
      const difference = async (path: string) => await firstDifference(sql!, await Deno.readTextFile(path));
      for (const file of files(`${folder}/model`)) {
        await t.step(`postgres ${version}: answers as the model in ${file}`, async () => {
          equal(await difference(`${folder}/model/${file}`), null);
        });
      }
      for (const file of files(`${folder}/broken`)) {
        const rule = file.replace(".jsonl", "");
        await t.step(`postgres ${version}: a model without the rule ${rule} differs`, async () => {
          notEqual(await difference(`${folder}/broken/${file}`), null);
        });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

async function record(folder: string): Promise<void> {
  const command = new Deno.Command("cargo", {
    args: [
      "test",
      "--quiet",
      "--test",
      "simulation",
      "--",
      "--ignored",
      "--exact",
      "recording::write_recordings",
    ],
    cwd: ROOT,
    env: { RECORDINGS: folder },
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error([stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n"));
}

function files(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
