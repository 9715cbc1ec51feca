-- A like or unlike: the rating, the count and the event, which belong together.

create function queues.likes_post(p_post_id uuid, p_session_id text, p_profile_id uuid) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from public.post_ratings
    where post_id = p_post_id and (profile_id = p_profile_id or profile_id is null and session_id = p_session_id));
end $$;
comment on function queues.likes_post(uuid, text, uuid) is 'Whether a person, or the session before they signed in, likes a post.';
revoke all on function queues.likes_post(uuid, text, uuid) from public;

create function queues.like_count(p_likes numeric) returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- The largest number that every client reads as it is.
  c_largest constant bigint := 9007199254740991;
begin
  return case when p_likes between 0 and c_largest then p_likes::bigint end;
end $$;
comment on function queues.like_count(numeric) is
  'The value of a counter of likes; null if it counts nothing: NaN, infinite, below zero or too large.';
revoke all on function queues.like_count(numeric) from public;

create function queues.change_like(
  p_post_id uuid, p_session_id text, p_profile_id uuid, p_is_liked boolean, out step integer, out new_like_count bigint
)
language plpgsql
set search_path = ''
as $$
declare
  v_post record;
  v_before numeric;
  v_removed integer;
begin
  select likes into v_before from public.posts_new where id = p_post_id;
  if p_is_liked is not null and p_is_liked = queues.likes_post(p_post_id, p_session_id, p_profile_id) then
    step := 0;
    new_like_count := coalesce(queues.like_count(v_before), 0);
    return;
  end if;

  perform set_config('search_path', queues.app_search_path(), true);
  -- A person's like is theirs on every device; nobody takes it back by knowing a session id. A like that the session gave
  -- before its person signed in is adopted.
  delete from public.post_ratings
  where post_id = p_post_id and (profile_id = p_profile_id or profile_id is null and session_id = p_session_id);
  get diagnostics v_removed = row_count;
  if v_removed > 0 then
    step := -1;
  else
    -- A session id stands for the session alone: a person's like has one that nobody knows.
    insert into public.post_ratings (post_id, session_id, profile_id)
    values (p_post_id, case when p_profile_id is null then p_session_id else gen_random_uuid()::text end, p_profile_id);
    step := 1;
  end if;

  -- The count follows the ratings: an app may have stored one twice, or never have counted a post. Where a trigger of the
  -- app counts, it has done so by now.
  update public.posts_new p set likes = case
    when p.likes is distinct from v_before then p.likes
    when queues.like_count(p.likes::numeric) is null then (select count(*) from public.post_ratings r where r.post_id = p_post_id)
    else greatest(0, p.likes + case when v_removed > 0 then -v_removed else 1 end)
  end
  where p.id = p_post_id
  returning coalesce(queues.like_count(p.likes::numeric), 0) into new_like_count;

  select * into v_post from queues.post_details(p_post_id);
  perform pgmq.send('like_events', jsonb_build_object(
    'v', 1,
    'event_type', case step when 1 then 'like' else 'unlike' end,
    'event_value', step,
    'post_id', p_post_id,
    'post_owner_id', v_post.owner_id,
    'post_caption', v_post.caption,
    'liker_session_id', p_session_id,
    'liker_profile_id', p_profile_id,
    'new_like_count', new_like_count,
    'timestamp', clock_timestamp(),
    'metadata', jsonb_strip_nulls(jsonb_build_object('correlation_id', queues.correlation_id()))));
  perform queues.wake('like_events');
end $$;
comment on function queues.change_like(uuid, text, uuid, boolean) is
  'Likes or unlikes a post, or toggles its like if p_is_liked is null, and sends one event. step is 1 or -1, or 0 if the like '
  'was as wanted, which sends none. The caller has locked the post.';
revoke all on function queues.change_like(uuid, text, uuid, boolean) from public;
