-- Sending for the app's own SQL: once while a message with the same key waits, and withdrawing it.

create table queues.message_keys (
  queue text not null references queues.settings (queue) on update cascade on delete cascade,
  key text not null,
  msg_id bigint,
  enqueued_at timestamptz,
  primary key (queue, key),

  constraint key_has_1_to_200_characters check (length(key) between 1 and 200),
  constraint keys_name_a_message check ((msg_id is null) = (enqueued_at is null))
);
comment on table queues.message_keys is
  'The last message that was sent with a key. Rows of messages that left their queue are removed by housekeeping.';
comment on column queues.message_keys.enqueued_at is
  'Tells the message from a later one of the same id: ids begin anew when a queue is dropped and created again.';
revoke all on table queues.message_keys from public, anon, authenticated, service_role;

create function queues.lock_keyed(p_key queues.message_keys) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_read_ct integer;
begin
  -- Claims skip a message that is locked: until this transaction ends, no worker begins with it. It then sees what the
  -- transaction changed.
  execute format('select read_ct from pgmq.%I where msg_id = $1 and enqueued_at = $2 for no key update', 'q_' || p_key.queue)
    into v_read_ct using p_key.msg_id, p_key.enqueued_at;
  -- A new statement: it must see what a settlement committed that the previous one waited for.
  return case
    when v_read_ct is null then 'not_found'
    when v_read_ct = 0 or exists (
      select from queues.failures f
      where f.queue = p_key.queue and f.msg_id = p_key.msg_id and f.settled_read_ct = v_read_ct) then 'waiting'
    else 'in_progress' end;
end $$;
comment on function queues.lock_keyed(queues.message_keys) is
  'Locks the message of a key and returns its state. It is `waiting` before its first claim and after a retry, a deferral or '
  'a release; `in_progress` from its claim on, also if its worker may have crashed; `not_found` after it left the queue.';
revoke all on function queues.lock_keyed(queues.message_keys) from public;

create function queues.send(
  p_queue text, p_message jsonb, p_delay_secs integer default 0, p_dedup_key text default null,
  out msg_id bigint, out is_new boolean
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_max_delay_secs constant integer := 366 * 24 * 60 * 60;
  v_key queues.message_keys;
begin
  perform queues.existing_queue(p_queue);
  perform queues.check_range('p_delay_secs', p_delay_secs, 0, c_max_delay_secs);
  if p_message is null then
    perform queues.reject('p_message', 'is missing', 'a message is JSON: null itself is written ''null''');
  end if;

  if p_dedup_key is not null then
    if length(p_dedup_key) not between 1 and 200 then
      perform queues.reject('p_dedup_key', 'does not have 1 to 200 characters', 'leave it out to send in any case');
    end if;
    -- Who sends with the same key waits here for the other to commit or roll back. Housekeeping may remove the row in
    -- between.
    loop
      insert into queues.message_keys (queue, key) values (p_queue, p_dedup_key) on conflict do nothing;
      select k.* into v_key from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key for update;
      exit when found;
    end loop;
    if queues.lock_keyed(v_key) = 'waiting' then
      msg_id := v_key.msg_id;
      is_new := false;
      return;
    end if;
  end if;

  msg_id := pgmq.send(p_queue, p_message, p_delay_secs);
  is_new := true;
  if p_dedup_key is not null then
    execute format('select enqueued_at from pgmq.%I where msg_id = $1', 'q_' || p_queue)
      into v_key.enqueued_at using msg_id;
    update queues.message_keys k set msg_id = send.msg_id, enqueued_at = v_key.enqueued_at
    where k.queue = p_queue and k.key = p_dedup_key;
  end if;
  if p_delay_secs = 0 then
    perform queues.wake(p_queue);
  end if;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'send');
end $$;
comment on function queues.send(text, jsonb, integer, text) is
  'Sends a message, to be handled after p_delay_secs at the earliest. While a message of this queue with the same '
  'p_dedup_key waits, nothing is sent: is_new is false, and msg_id is the id of the message that waits, which is not '
  'changed. It is held back from workers until this transaction ends. A message that a worker has claimed may have been '
  'read before what this transaction changed: it does not wait any more, and a new one is sent.';
revoke all on function queues.send(text, jsonb, integer, text) from public;
grant execute on function queues.send(text, jsonb, integer, text) to service_role;

create function queues.cancel(p_queue text, p_dedup_key text, out cancelled boolean, out reason text)
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.existing_queue(p_queue);
  v_key queues.message_keys;
begin
  if p_dedup_key is null then
    perform queues.reject('p_dedup_key', 'is missing', 'the key with which the message was sent');
  end if;
  cancelled := false;
  select k.* into v_key from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key for update;
  if not found then
    reason := 'not_found';
    return;
  end if;

  reason := queues.lock_keyed(v_key);
  if reason = 'waiting' then
    perform queues.name_drops(p_queue, jsonb_build_array(jsonb_build_object(
      'msg_id', v_key.msg_id, 'code', 'cancelled', 'error', 'its sender cancelled it')))
      where v_settings.retention_days is not null;
    perform queues.acknowledge(v_settings, array[v_key.msg_id]);
    cancelled := true;
    reason := null;
  end if;
  if reason is distinct from 'in_progress' then
    delete from queues.message_keys k where k.queue = p_queue and k.key = p_dedup_key;
  end if;
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'cancel');
end $$;
comment on function queues.cancel(text, text) is
  'Withdraws the message that waits under a key. If cancelled is false, the reason is `in_progress`, a worker has claimed '
  'it, or `not_found`, no message with this key is in the queue. A message that was withdrawn is in the archive with '
  'headers.dropped, if the queue has a retention.';
revoke all on function queues.cancel(text, text) from public;
grant execute on function queues.cancel(text, text) to service_role;
