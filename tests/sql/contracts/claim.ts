/** Claims of a contract's messages on a real database, rolled back at the end. */
import type connect from "postgres";
import { setClock } from "../clock.ts";
import { undone } from "../undone.ts";
import { arrange } from "./arrange.ts";
import { type Contract, type Json, objectsIn } from "./contract.ts";
import { shapeOf } from "./shape.ts";

export const RUN = "00000000-0000-4000-8000-00000000000a";

/** The shape of the database's answers. Claims one message at a time, because two may contradict each other. */
export async function shapeOfClaims(sql: connect.Sql, contract: Contract): Promise<Set<string>> {
  const shape = new Set<string>();
  for (const message of contract.claim.messages) {
    await undone(sql, async () => {
      await setClock(sql, contract.claim.now);
      await arrange(sql, contract, [message]);
      for (const path of shapeOf(await claim(sql, contract))) shape.add(path);
    });
  }
  return shape;
}

/** Claims all messages and creates the people and posts that the settlement names. */
export async function whileClaimed<T>(sql: connect.Sql, contract: Contract, work: () => Promise<T>): Promise<T> {
  return await undone(sql, async () => {
    await setClock(sql, contract.claim.now);
    for (const { recipient_id, profile_id, actor_profile_id, post_id } of objectsIn(contract.settlement)) {
      for (const id of [recipient_id, profile_id, actor_profile_id].filter((id) => typeof id === "string")) {
        await sql`insert into profiles (id) values (${id}) on conflict do nothing`;
      }
      if (post_id) await sql`insert into posts_new (id) values (${post_id}) on conflict do nothing`;
    }
    await arrange(sql, contract, contract.claim.messages);
    await claim(sql, contract);
    return await work();
  });
}

async function claim(sql: connect.Sql, { queue }: Contract): Promise<Json> {
  const [row] = await sql`select claim_messages(${queue}, null, ${RUN}) as claim`;
  return row!.claim;
}
