-- What a settlement brings about inside the database, once: each effect is one statement over all its rows.
-- The values of a row are judged by the table it goes to; a row it refuses fails the settlement with the table's own
-- error (SQLSTATE class 22 or 23), for the caller to find the message behind it.

create function queues.enqueue(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pgmq.send_batch(queue, array(select jsonb_array_elements(messages)))
  from (select * from jsonb_each(p_messages) order by key) m (queue, messages)
  where messages <> '[]';
  perform queues.wake(queue) from jsonb_each(p_messages) m (queue, messages) where messages <> '[]';
end $$;
comment on function queues.enqueue(jsonb) is 'Sends messages, given as {queue: [message]}, and wakes their workers.';
revoke all on function queues.enqueue(jsonb) from public;

create function queues.insert_analytics_events(p_events jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  with events as materialized (
    select *
    from jsonb_to_recordset(p_events) as e (
      event_type text, post_id uuid, session_id text, profile_id uuid, metadata jsonb, created_at timestamptz)
  ),
  -- Locked against deletion until the events refer to them, in id order so that two settlements cannot deadlock.
  posts as materialized (
    select id from public.posts_new
    where id in (select post_id from events) order by id for key share
  ), profiles as materialized (
    select id from public.profiles
    where id in (select profile_id from events) order by id for key share
  )
  insert into public.analytics_events (event_type, post_id, session_id, profile_id, metadata, created_at)
  select e.event_type, post.id, e.session_id, profile.id,
    case
      when post.id is not distinct from e.post_id and profile.id is not distinct from e.profile_id then e.metadata
      else coalesce(e.metadata, '{}') || jsonb_strip_nulls(jsonb_build_object(
        'post_id', case when post.id is null then e.post_id end,
        'profile_id', case when profile.id is null then e.profile_id end))
    end,
    coalesce(e.created_at, now())
  from events e
  left join posts post on post.id = e.post_id
  left join profiles profile on profile.id = e.profile_id;
end $$;
comment on function queues.insert_analytics_events(jsonb) is
  'Stores events. One whose post or profile is gone keeps its id in the metadata.';
revoke all on function queues.insert_analytics_events(jsonb) from public;

create function queues.count_analytics_daily(p_counts jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- In the order of the key, so that two settlements with the same counters cannot deadlock.
  insert into public.analytics_daily as d (day, event_type, post_id, count)
  select day, event_type, post_id, sum(count)
  from jsonb_to_recordset(p_counts) as c (day date, event_type text, post_id uuid, count bigint)
  group by day, event_type, post_id
  order by day, event_type, post_id
  on conflict on constraint one_counter_per_key do update
    set count = d.count + excluded.count;
end $$;
comment on function queues.count_analytics_daily(jsonb) is 'Adds to the daily counters.';
revoke all on function queues.count_analytics_daily(jsonb) from public;

create function queues.insert_notifications(p_notifications jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.notifications (recipient_id, type, data, created_at)
  select recipient_id, type, data, coalesce(created_at, now())
  from jsonb_to_recordset(p_notifications) as n (recipient_id uuid, type text, data jsonb, created_at timestamptz)
  -- The foreign key locks recipients as the rows are stored.
  order by recipient_id;
end $$;
comment on function queues.insert_notifications(jsonb) is 'Stores in-app notifications.';
revoke all on function queues.insert_notifications(jsonb) from public;
