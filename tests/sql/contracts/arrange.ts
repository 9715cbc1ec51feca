/** Puts a database into the state of a golden claim. */
import type connect from "postgres";
import type { Contract, Json, Row } from "./contract.ts";

/** Sends the messages and writes the rows of the context. If two messages contradict each other, the first one wins. */
export async function arrange(sql: connect.Sql, { queue, claim }: Contract, messages: Row[]): Promise<void> {
  // Keeps acknowledged messages in the archive.
  await sql`update queues.settings set ${sql({ ...claim.policy, retention_days: 1 })} where queue = ${queue}`;
  for (const [simhash, comment, author] of claim.context?.recent ?? []) {
    await sql`
      insert into queues.comment_simhashes (comment_id, simhash, author_id) values (${comment}, ${simhash}, ${author})`;
  }
  const { opinion, provider } = claim.context?.settings ?? {};
  const asked = opinion
    ? { provider: opinion.provider, from: opinion.from, to: opinion.to }
    : { provider, from: 0, to: 1 };
  await sql`
    update queues.comment_settings
    set opinion_provider = ${asked.provider ?? null}, opinion_from = ${asked.from}, opinion_to = ${asked.to}`;
  for (const [id, image] of Object.entries<Row>(claim.context?.images ?? {})) await addImage(sql, id, image);
  for (const id of Object.keys(claim.context?.removals ?? {})) {
    await sql`insert into queues.image_removals (id, objects) values (${id}, '[]')`;
  }
  for (const message of messages) {
    const { msg_id, read_ct, enqueued_at } = message;
    await sql`
      insert into ${sql(`pgmq.q_${queue}`)} (msg_id, read_ct, enqueued_at, vt, message) overriding system value
      values (${msg_id}, ${read_ct - 1}, ${enqueued_at}::text::timestamptz, now(), ${sql.json(bodyOf(message))})`;
    const { recipient_id, delivery_id, actor_profile_id } = message.message ?? {};
    const name = claim.context?.actors?.[actor_profile_id];
    if (name) {
      await sql`
        insert into profiles (id, username) values (${actor_profile_id}, ${name})
        on conflict (id) do update set username = excluded.username`;
    }
    const recipient = claim.context?.recipients?.[recipient_id];
    if (recipient) {
      await addPerson(sql, recipient_id, { ...recipient, email: recipient.has_email ? "a@b.example" : null });
      for (const device of recipient.devices) await addDevice(sql, recipient_id, device);
    }
    for (const actor of claim.context?.silenced?.[recipient_id] ?? []) await hide(sql, recipient_id, actor);
    const comment = claim.context?.comments?.[message.message?.comment_id];
    if (comment) await addComment(sql, message.message.comment_id, comment);
    const delivery = claim.context?.deliveries?.[delivery_id];
    if (delivery) await addDelivery(sql, claim.now, delivery_id, delivery);
    const { owner } = message.message ?? {};
    for (const like of claim.context?.likes?.[owner] ?? []) await addDeferredLike(sql, owner, like);
  }
}

/** The body of a claimed message; any body of that size if it was withheld. */
export function bodyOf({ message, size_bytes, withheld }: Row): Json {
  return withheld ? "x".repeat(size_bytes - 2) : message;
}

async function addImage(sql: connect.Sql, id: string, image: Row): Promise<void> {
  const { is_stored, bucket, path, ...row } = image;
  await sql`insert into profiles (id) values (${image.owner_id}) on conflict do nothing`;
  await sql`insert into storage.buckets (id, name) values (${bucket}, ${bucket}) on conflict do nothing`;
  if (is_stored) await sql`insert into storage.objects (bucket_id, name) values (${bucket}, ${path})`;
  const isDone = image.status !== "pending";
  await sql`
    insert into post_images ${
    sql({
      id,
      bucket,
      path,
      ...row,
      processed_at: isDone ? new Date() : null,
      variants: isDone ? sql.json([{}]) : null,
    })
  }`;
}

async function addPerson(sql: connect.Sql, id: string, person: Row): Promise<void> {
  const { language, push_notifications, email_notifications, quiet, email } = person;
  await sql`
    insert into profiles (id, language, push_notifications, email_notifications, quiet_from, quiet_until)
    values (${id}, ${language}, ${push_notifications}, ${email_notifications}, ${quiet?.from ?? null},
      ${quiet?.until ?? null})
    on conflict do nothing`;
  if (email !== null) {
    await sql`
      insert into auth.users (id, email, email_confirmed_at) values (${id}, ${email}, now()) on conflict do nothing`;
  }
}

async function hide(sql: connect.Sql, person: string, hidden: string): Promise<void> {
  await sql`insert into profiles (id) values (${person}), (${hidden}) on conflict do nothing`;
  await sql`
    insert into queues.hidden_people (person_id, kind, hidden_id) values (${person}, 'mute', ${hidden}) on conflict do nothing`;
}

async function addDevice(sql: connect.Sql, profile: string, { id, provider, token }: Row): Promise<void> {
  if (id === null) {
    await sql`update profiles set push_token = ${token ?? "token"} where id = ${profile}`;
  } else {
    const key = provider === "web_push" ? "key" : null;
    await sql`
      insert into devices (id, profile_id, provider, token, p256dh, auth)
      values (${id}, ${profile}, ${provider}, ${token ?? id}, ${key}, ${key})
      on conflict do nothing`;
  }
}

async function addComment(sql: connect.Sql, id: string, comment: Row): Promise<void> {
  // Only flagged ones are in a claim that asks for opinions about them, without the ids of their authors.
  const { revision, status = "flagged", body, language = null, age_secs = 0 } = comment;
  const author = { id: crypto.randomUUID(), ...comment.author };
  await sql`insert into profiles (id, language) values (${author.id}, ${language}) on conflict do nothing`;
  await sql`
    insert into auth.users (id, created_at) values (${author.id}, now() - ${author.age_secs} * interval '1 second')
    on conflict do nothing`;
  const [post] = await sql`insert into posts_new default values returning id`;
  await sql`
    insert into comments (id, post_id, author_id, body, revision, status, decided_at)
    values (${id}, ${post!.id}, ${author.id}, ${body}, ${revision}, ${status},
      case ${status} when 'pending' then null else clock_timestamp() - ${age_secs} * interval '1 second' end)
    on conflict do nothing`;
  await sql`
    insert into queues.moderation_log (action, person_id, comment_id)
    select 'rejected', ${author.id}, gen_random_uuid() from generate_series(1, ${author.offences}::int)`;
}

async function addDelivery(sql: connect.Sql, now: string, id: string, delivery: Row): Promise<void> {
  const { notification: about, recipient, channel, device, status, tries, age_secs } = delivery;
  await addPerson(sql, recipient.id, recipient);
  if (device) await addDevice(sql, recipient.id, device);
  // A separate notification, because each has one delivery per target.
  const notification = crypto.randomUUID();
  await sql`
    insert into notifications (
      id, recipient_id, type, title, body, url, data, actor_count, read_at, withdrawn_at)
    values (${notification}, ${recipient.id}, ${about.type}, ${about.title}, ${about.body}, ${about.url},
      ${sql.json(about.data)}, ${about.actor_count}, ${about.is_read ? now : null}, ${
    about.is_withdrawn ? now : null
  })`;
  // A push without a device is for one that is gone.
  const device_id = device ? device.id : channel === "push" ? crypto.randomUUID() : null;
  const reason = ["skipped", "failed"].includes(status) ? "a reason" : null;
  await sql`
    insert into queues.notification_deliveries (
      id, notification_id, recipient_id, channel, device_id, status, reason, tries, created_at)
    values (${id}, ${notification}, ${recipient.id}, ${channel}, ${device_id}, ${status}, ${reason}, ${tries},
      now() - ${age_secs} * interval '1 second')
    on conflict do nothing`;
}

async function addDeferredLike(sql: connect.Sql, owner: string, like: Row): Promise<void> {
  const [kind, name] = owner.split(":") as [string, string];
  const person = kind === "person" ? name : null;
  // A post of its own, whose id is that of the like.
  const { id, revision, is_liked, is_superseded, apply_after, free_at, post } = like;
  if (person) await sql`insert into profiles (id) values (${person}) on conflict do nothing`;
  if (post) await sql`insert into posts_new (id) values (${id}) on conflict do nothing`;
  if (post?.is_liked) {
    await sql`insert into post_ratings (post_id, session_id, profile_id) values (${id}, ${name}, ${person})
      on conflict do nothing`;
  }
  if (free_at) {
    await sql`
      insert into queues.rate_limit_keys (key, free_at, action, kind)
      select k.key, ${free_at}::text::timestamptz + k.tolerance - k.cost, k.action, k.kind
      from unnest(queues.rate_limit_keys('like', ${name}, ${person}, null)) k
      on conflict do nothing`;
  }
  await sql`
    insert into queues.deferred_likes (
      id, owner, post_id, session_id, profile_id, is_liked, revision, is_superseded, apply_after)
    values (${id}, ${owner}, ${id}, ${name}, ${person}, ${is_liked}, ${revision}, ${is_superseded},
      ${apply_after}::text::timestamptz)
    on conflict do nothing`;
}
