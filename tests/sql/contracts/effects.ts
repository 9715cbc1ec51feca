/**
 * The rows that each effect leaves in the tables. A new effect needs a golden contract and an entry here.
 */
import type connect from "postgres";
import type { Contract, Json, Row } from "./contract.ts";

interface Left {
  real: Json;
  expected: Json;
}

export const effects: Record<string, (sql: connect.Sql, rows: Json, contract: Contract) => Promise<Left>> = {
  enqueue: async (sql, messages: Record<string, Json[]>) => {
    const real: Record<string, Json[]> = {};
    for (const queue of Object.keys(messages)) {
      const sent = await sql`select message from ${sql(`pgmq.q_${queue}`)} order by msg_id`;
      real[queue] = sent.map(({ message }) => message);
    }
    return { real, expected: messages };
  },
  analytics_events: sameRows("public.analytics_events"),
  analytics_daily: sameRows("public.analytics_daily"),
  trending: sameRows("queues.trending_hours"),
  notifications: async (sql, events: Row[]) => ({
    real: {
      notifications: await select(
        sql`
          select recipient_id, type, group_key, title, body, url, data, actor_count
          from notifications order by recipient_id, group_key`,
      ),
      actors: await select(
        sql`
          select recipient_id, group_key, actor, name, is_active, to_json(at) as at
          from queues.notification_actors order by recipient_id, group_key, actor`,
      ),
      deliveries: await select(
        sql`
          select d.recipient_id, group_key, channel, device_id, reason, extract(epoch from vt - now())::int as delay_secs
          from queues.notification_deliveries d
          join notifications n on n.id = d.notification_id
          left join pgmq.q_deliveries q on q.message = jsonb_build_object('v', 1, 'delivery_id', d.id)
          order by d.recipient_id, group_key, channel, device_id`,
      ),
    },
    expected: told(events),
  }),
  post_images: async (sql, rows: Row[]) => ({
    real: await select(
      sql`
        select id as image_id, revision, case status when 'failed' then null else variants end as picture, reason, error
        from post_images where id in (select (row ->> 'image_id')::uuid from jsonb_array_elements(${
        sql.json(rows)
      }) row)
        order by id`,
    ),
    expected: sorted(rows, ({ image_id }) => [image_id]),
  }),
  // A removal that is done leaves nothing.
  image_removals: async (sql) => ({ real: await select(sql`select id from queues.image_removals`), expected: [] }),
  deliveries: async (sql, rows: Row[], { claim }) => ({
    real: await select(
      sql`
        select id, status, reason, provider, provider_message_id, is_uncertain from queues.notification_deliveries
        where id in (select (row ->> 'id')::uuid from jsonb_array_elements(${sql.json(rows)}) row) order by id`,
    ),
    expected: sorted(rows, ({ id }) => [id]).map((row) => ({
      ...row,
      provider: row.provider ?? claim.context!.deliveries[row.id].device?.provider ?? null,
    })),
  }),
  deferred_likes: async (sql, rows: Row[], { claim }) => {
    const likes: Row[] = Object.values(claim.context!.likes as Record<string, Row[]>).flat();
    const due = (row: Row, like: Row) => row.until > like.apply_after ? row.until : like.apply_after;
    return {
      real: await select(
        sql`
          select id, outcome, reason, extract(epoch from apply_after)::float8 as apply_after,
            exists (select from post_ratings r where r.post_id = d.post_id) as is_liked,
            (select count(*)::int from pgmq.q_like_events where message ->> 'post_id' = d.post_id::text) as events
          from queues.deferred_likes d order by id`,
      ),
      expected: sorted(rows, ({ id }) => [id]).map((row) => {
        const like = likes.find(({ id }) => id === row.id)!;
        const applied = row.decision === "apply";
        return {
          id: row.id,
          outcome: applied ? "applied" : row.decision === "drop" ? "dropped" : null,
          reason: row.reason ?? null,
          apply_after: new Date(row.decision === "wait" ? due(row, like) : like.apply_after).getTime() / 1000,
          is_liked: applied ? like.is_liked : like.post?.is_liked ?? false,
          events: applied ? 1 : 0,
        };
      }),
    };
  },
  unanswered_opinions: async (sql, rows: Row[]) => ({
    real: await select(sql`
      select message ->> 'comment_id' as comment_id, (message ->> 'revision')::int as revision, message ->> 'decision' as decision
      from pgmq.q_notifications where message ->> 'type' = 'comment_moderated' order by 1`),
    expected: sorted(rows, ({ comment_id }) => [comment_id]).map((row) => ({ ...row, decision: "flagged" })),
  }),
  comment_verdicts: async (sql, rows: Row[], { claim }) => ({
    real: {
      comments: await select(sql`
        select c.id as comment_id, c.revision, c.status as verdict, c.reasons, c.scores, c.language, c.model, s.simhash,
          exists (
            select from pgmq.q_comment_opinions q
            where q.message = jsonb_build_object('v', 1, 'comment_id', c.id, 'revision', c.revision)) as asks
        from comments c left join queues.comment_simhashes s on s.comment_id = c.id
        where c.status <> 'pending' order by c.id`),
      held: await select(sql`
        select profile_id, extract(epoch from limited_until - now())::int as secs from queues.restrictions order by profile_id`),
    },
    expected: {
      comments: sorted(rows, ({ comment_id }) => [comment_id]).map(({ hold_secs: _, ...row }) => row),
      held: held(rows, claim.context!.comments),
    },
  }),
};

/** Who is held back, by the longest time. */
function held(rows: Row[], comments: Record<string, Row>): Row[] {
  const secs = new Map<string, number>();
  for (const { comment_id, hold_secs } of rows.filter(({ hold_secs }) => hold_secs > 0)) {
    const author = comments[comment_id]!.author.id;
    secs.set(author, Math.max(secs.get(author) ?? 0, hold_secs));
  }
  return sorted([...secs].map(([profile_id, secs]) => ({ profile_id, secs })), ({ profile_id }) => [profile_id]);
}

/** An effect whose rows become rows of a table with the same columns. */
function sameRows(table: string) {
  return async (sql: connect.Sql, rows: Row[]): Promise<Left> => {
    const columns = Object.keys(rows[0]!).sort().map((column) => `"${column}"`).join(", ");
    const inOrder = (source: string) =>
      `array(select to_json(r) from (select ${columns} from ${source} order by ${columns}) r)`;
    const expected = `jsonb_populate_recordset(null::${table}, $1)`;
    const [left] = await sql.unsafe(
      `select json_build_object('real', ${inOrder(table)}, 'expected', ${inOrder(expected)}) as left`,
      [rows as unknown as connect.ParameterOrJSON<never>],
    );
    return left!.left;
  };
}

/** The notifications of events that join no earlier one. */
function told(events: Row[]) {
  const newestFirst = events.toSorted((a, b) => a.at < b.at ? 1 : a.at > b.at ? -1 : 0);
  const groups = Map.groupBy(newestFirst, ({ recipient_id, group }) => `${recipient_id} ${group}`);
  const latest = [...groups.values()].map((group) =>
    [...Map.groupBy(group, ({ actor }) => actor).values()].map(([e]) => e!)
  );
  const open = latest.map((group) => group.filter(({ withdrawn }) => !withdrawn)).filter(({ length }) => length > 0);
  return {
    notifications: sorted(open.map(notification), byGroup),
    actors: sorted(
      latest.flat().filter(({ actor }) => actor !== null).map((
        { recipient_id, group, actor, actor_name, withdrawn, at },
      ) => ({
        recipient_id,
        group_key: group,
        actor,
        name: actor_name,
        is_active: !withdrawn,
        at: at.replace("Z", "+00:00"),
      })),
      (row) => [...byGroup(row), row.actor],
    ),
    deliveries: sorted(
      open.flatMap(planned),
      (row) => [...byGroup(row), row.channel, row.device_id ?? "~"],
    ),
  };
}

/** One delivery for each target, as the newest event says. */
function planned(events: Row[]): Row[] {
  const byTarget = new Map<string, Row>();
  for (const { recipient_id, group, deliveries } of events.toReversed()) {
    for (const { channel, device_id, skipped, delay_secs } of deliveries as Row[]) {
      byTarget.set(`${channel} ${device_id}`, {
        recipient_id,
        group_key: group,
        channel,
        device_id,
        reason: skipped,
        delay_secs: skipped === null ? delay_secs : null,
      });
    }
  }
  return [...byTarget.values()];
}

function notification(events: Row[]): Row {
  const { recipient_id, type, group, title, bodies, actor_name, someone, url, data } = events[0]!;
  const phrase: string = bodies[Math.min(events.length, bodies.length) - 1];
  return {
    recipient_id,
    type,
    group_key: group,
    title,
    body: phrase.replace("{others}", `${events.length - 1}`).replace("{name}", actor_name ?? someone),
    url,
    data,
    actor_count: events.length,
  };
}

const byGroup = ({ recipient_id, group_key }: Row): string[] => [recipient_id, group_key];

function sorted(rows: Row[], key: (row: Row) => string[]): Row[] {
  const text = (row: Row) => key(row).join(" ");
  return rows.toSorted((a, b) => text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}

async function select(query: connect.PendingQuery<connect.Row[]>): Promise<Row[]> {
  return (await query).map((row) => ({ ...row }));
}
