-- Events that clients send: a producer of the queue analytics.

create table queues.tracked_events (
  event text primary key,

  constraint event_is_a_name check (event ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint likes_come_from_toggles check (event not in ('like', 'unlike'))
);
comment on table queues.tracked_events is
  'The events that clients may send. Anyone may send one of these as often as the limit of `event` allows: do not trust '
  'their numbers as those of likes, and remember that `comment` and `share` add to the score of a trending post.';
revoke all on table queues.tracked_events from public, anon, authenticated, service_role;

create function queues.check_tracked_events(p_events jsonb) returns void
language plpgsql
stable
set search_path = ''
as $$
declare
  c_events_per_call constant integer := 50;
  c_metadata_bytes constant integer := 2048;
  -- Fewer than the workers accept, so that no client makes a dead letter.
  c_deepest constant jsonpath := jsonpath '$.**{16}';
  c_patterns constant jsonb := jsonb_build_object(
    'event', '^"', 'metadata', '^(\{|null$|$)',
    'post_id', '^("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"|null|)$');
  -- More than a burst would never be allowed.
  v_most integer := least(c_events_per_call, (select burst from queues.rate_limits where action = 'event' and enabled));
  v_bad record;
begin
  if jsonb_typeof(p_events) is distinct from 'array' then
    perform queues.reject('p_events', 'is not an array', 'for example [{"event": "page_view"}]');
  end if;
  if jsonb_array_length(p_events) > v_most then
    perform queues.reject('p_events', format('has %s events', jsonb_array_length(p_events)),
      format('send up to %s in a call', v_most));
  end if;
  perform queues.check_items('p_events', p_events, c_patterns);

  select place - 1 as place, field, problem, hint into v_bad
  from jsonb_array_elements(p_events) with ordinality e (event, place)
  cross join lateral (
    select 'event' as field, 'is not allowed' as problem,
      'the owner of the database allows it with: insert into queues.tracked_events (event) values (''…'')' as hint
    where not exists (select from queues.tracked_events t where t.event = e.event ->> 'event')
    union all
    select 'metadata', case when octet_length((e.event -> 'metadata')::text) > c_metadata_bytes
        then format('has more than %s bytes', c_metadata_bytes)
        when jsonb_path_exists(e.event -> 'metadata', c_deepest) then 'is nested too deeply' end,
      'send what will be counted or looked at, and an id for the rest'
  ) p
  where problem is not null
  order by place limit 1;
  if found then
    perform queues.reject(format('p_events[%s].%s', v_bad.place, v_bad.field), v_bad.problem, v_bad.hint);
  end if;
end $$;
comment on function queues.check_tracked_events(jsonb) is
  'Rejects what is not an array of allowed events, and what is too many or too large.';
revoke all on function queues.check_tracked_events(jsonb) from public;

create function queues.track_events(p_events jsonb, p_session_id text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.user_id();
  v_profile_id uuid := (select id from public.profiles where id = v_person);
  v_keys queues.rate_limit_key[];
  v_wait interval;
  v_messages jsonb[];
  v_correlation jsonb := jsonb_strip_nulls(jsonb_build_object('correlation_id', queues.correlation_id()));
  v_refused jsonb;
begin
  perform queues.check_tracked_events(p_events);
  -- Who is signed in needs none.
  if p_session_id is not null or v_person is null then
    v_refused := queues.refuse_session_id(p_session_id);
    if v_refused is not null then
      return v_refused::json;
    end if;
  end if;

  v_keys := queues.rate_limit_keys_of('event', p_session_id, v_person, jsonb_array_length(p_events));
  -- Most of a flood is refused without a lock.
  v_wait := queues.rate_limit_wait(v_keys);
  if (v_wait > interval '0') is not true then
    v_wait := queues.charge(v_keys);
  end if;
  perform queues.count_call('event', case when v_wait > interval '0' then 'refused' else 'allowed' end, v_keys);
  if v_wait > interval '0' then
    return json_build_object('success', false, 'error', 'Too many requests', 'code', 'rate_limited',
      'retryAfter', queues.too_many_requests(v_wait));
  end if;

  -- Without those of posts that do not exist, so that nobody makes counters for ids of their own invention.
  v_messages := array(
    select jsonb_strip_nulls(jsonb_build_object(
      'v', 1, 'event', event ->> 'event', 'post_id', p.id, 'session_id', p_session_id, 'profile_id', v_profile_id,
      'timestamp', clock_timestamp()))
      || jsonb_build_object('metadata', v_correlation || coalesce(nullif(event -> 'metadata', 'null'), '{}'))
    from jsonb_array_elements(p_events) with ordinality e (event, place)
    left join public.posts_new p on p.id = (event ->> 'post_id')::uuid
    where p.id is not null or event ->> 'post_id' is null
    order by place);
  if v_messages <> '{}' then
    perform pgmq.send_batch('analytics', v_messages);
    perform queues.wake('analytics');
  end if;
  return json_build_object('success', true, 'tracked', cardinality(v_messages),
    'unknownPosts', jsonb_array_length(p_events) - cardinality(v_messages));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('analytics', 'track');
    return null;
end $$;
comment on function queues.track_events(jsonb, text) is 'See public.track_events, its only caller but public.track_event.';
revoke all on function queues.track_events(jsonb, text) from public;
grant execute on function queues.track_events(jsonb, text) to anon, authenticated;

create function public.track_events(p_events jsonb, p_session_id text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.track_events(p_events, p_session_id);
end $$;
comment on function public.track_events(jsonb, text) is
  'Sends up to 50 events [{event, post_id, metadata}] to the queue analytics; only event is required. The events are those '
  'of queues.tracked_events. Returns {success, tracked, unknownPosts}; without a session id that can be one {success, error, code}; over the limit, HTTP 429 with {success, error, code, '
  'retryAfter}, and none is sent. An event of a post that does not exist is left out.';
revoke all on function public.track_events(jsonb, text) from public, anon, authenticated, service_role;
grant execute on function public.track_events(jsonb, text) to anon, authenticated;

create function public.track_event(
  p_event text, p_post_id uuid default null, p_session_id text default null, p_metadata jsonb default '{}'
) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.track_events(
    jsonb_build_array(jsonb_build_object('event', p_event, 'post_id', p_post_id, 'metadata', p_metadata)), p_session_id);
end $$;
comment on function public.track_event(text, uuid, text, jsonb) is
  'Sends one event: see public.track_events. An error names its fields as those of p_events[0].';
revoke all on function public.track_event(text, uuid, text, jsonb) from public, anon, authenticated, service_role;
grant execute on function public.track_event(text, uuid, text, jsonb) to anon, authenticated;
