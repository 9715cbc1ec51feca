/**
 * The golden contracts (tests/contract) on the real database: its claims have the same shape, and the settlements leave the
 * rows that they contain.
 */
import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import type connect from "postgres";
import { stopClock } from "./clock.ts";
import { changesOf } from "./contracts/changes.ts";
import { shapeOfClaims, whileClaimed } from "./contracts/claim.ts";
import { type Contract, readContracts, type Row } from "./contracts/contract.ts";
import { problemWith } from "./contracts/leaves.ts";
import { differenceBetweenShapes } from "./contracts/shape.ts";
import { startServer, versions } from "./servers.ts";
import { Sessions } from "./sessions.ts";

/** Fields that the database does not keep, or not where these tests read them. */
const UNSEEN = [
  // The database does not keep why a message waits.
  "deferrals[].code",
  "deferrals[].error",
  // Limits the earlier notifications that an event may join; these tests have none.
  "effects.notifications[].since",
];

const contracts = readContracts();

for (const version of versions) {
  Deno.test(`postgres ${version}`, async (t) => {
    await using server = await startServer(version);
    await using database = await server.copy();
    await stopClock(database);
    await using sessions = new Sessions(database);
    const [sql] = await sessions.open(1) as [connect.Sql];
    const problem = (contract: Contract, settlement: Row) =>
      whileClaimed(sql, contract, () => problemWith(sql, contract, settlement));
    for (const contract of contracts) {
      await t.step(`${contract.file}: the database answers claims of this shape`, async () => {
        deepEqual(differenceBetweenShapes(await shapeOfClaims(sql, contract), contract.claim), []);
      });
      await t.step(`${contract.file}: its settlement leaves the rows that it contains`, async () => {
        equal(await problem(contract, contract.settlement), null);
      });
    }

    await t.step("no field of a settlement is ignored", async () => {
      const seen = new Map<string, boolean>();
      for (const contract of contracts) {
        await whileClaimed(sql, contract, async () => {
          for (const { path, settlement } of changesOf(contract)) {
            if (!seen.get(path)) seen.set(path, await problemWith(sql, contract, settlement) !== null);
          }
        });
      }
      deepEqual([...seen.keys()].filter((path) => !seen.get(path)).sort(), UNSEEN);
    });

    const contract = contracts.find(({ file }) => file === "analytics.events_and_counters.json")!;
    const { claim, settlement } = contract;
    const { trending, ...otherEffects } = settlement.effects;
    await t.step("finds an effect under another key", async () => {
      const renamed = { ...settlement, effects: { ...otherEffects, trends: trending } };
      match(await problem({ ...contract, settlement: renamed }, renamed) ?? "", /effects\.trends` is not known/);
    });
    await t.step("finds a field that the database does not know", async () => {
      const more = changeRows(settlement, "trending", (row) => ({ ...row, views: 1 }));
      match(await problem({ ...contract, settlement: more }, more) ?? "", /trending\[0\]\.views` is not known/);
    });
    for (const [effect, rows] of Object.entries(settlement.effects) as [string, Row[]][]) {
      for (const field of Object.keys(rows[0]!)) {
        await t.step(`finds that ${effect} have no ${field}`, async () => {
          const less = changeRows(settlement, effect, ({ [field]: _, ...row }) => row);
          notEqual(await problem(contract, less), null);
        });
      }
    }
    await t.step("finds a claim with another key, another kind of value, and without a key", async () => {
      const { now, backlog, policy: { batch_size: _, ...policy }, ...rest } = claim;
      deepEqual(
        differenceBetweenShapes(await shapeOfClaims(sql, contract), {
          ...rest,
          at: now,
          backlog: `${backlog}`,
          policy,
        }),
        [
          "+ .backlog: number",
          "+ .now: timestamp",
          "+ .policy.batch_size: number",
          "- .at: timestamp",
          "- .backlog: text",
        ],
      );
    });
    await t.step("finds a row that the database drops", async () => {
      await sql.unsafe(`
        create function queues.drop_row() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger drop_row before insert on analytics_events
          for each row when (new.event_type = 'share') execute function queues.drop_row();
      `);
      match(await problem(contract, settlement) ?? "", /^effects\.analytics_events/);
    });
  });
}

function changeRows(settlement: Row, effect: string, change: (row: Row) => Row): Row {
  return { ...settlement, effects: { ...settlement.effects, [effect]: settlement.effects[effect].map(change) } };
}
