-- Likes: the producer of the queue like_events.

create function queues.refuse_like(p_post_id uuid, p_session_id text, p_person uuid, p_wait interval) returns json
language plpgsql
set search_path = ''
as $$
begin
  return json_build_object('success', false,
    'isLiked', exists (
      select from public.post_ratings r
      where r.post_id = p_post_id
        and (r.profile_id = p_person or r.profile_id is null and r.session_id = p_session_id)),
    'newLikeCount', coalesce((select likes::bigint from public.posts_new where id = p_post_id), 0),
    'error', 'Too many requests', 'code', 'rate_limited', 'retryAfter', queues.too_many_requests(p_wait));
end $$;
comment on function queues.refuse_like(uuid, text, uuid, interval) is
  'Answers a like over its limit with 429 and the state as it is.';
revoke all on function queues.refuse_like(uuid, text, uuid, interval) from public;

create function queues.toggle_post_like(p_post_id uuid, p_session_id text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- Notifications quote the caption. A longer one could make the event too large for its queue.
  c_caption_chars constant integer := 2200;
  v_profile_id uuid := (select id from public.profiles where id = queues.user_id());
  v_keys queues.rate_limit_key[];
  v_wait interval;
  v_owner_id uuid;
  v_caption text;
  v_before numeric;
  v_removed integer;
  v_step integer;
  v_likes bigint;
begin
  if p_session_id is null or p_session_id !~ '\S' or length(p_session_id) > 128 then
    return json_build_object('success', false, 'isLiked', false, 'newLikeCount', 0,
      'error', 'The session id must have 1 to 128 characters.', 'code', 'invalid_session_id');
  end if;

  -- A flood is refused before it waits for the post.
  v_keys := queues.rate_limit_keys_of('like', p_session_id, v_profile_id);
  v_wait := queues.rate_limit_wait(v_keys);
  if v_wait > interval '0' then
    perform queues.count_call('like', 'refused', v_keys);
    return queues.refuse_like(p_post_id, p_session_id, v_profile_id, v_wait);
  end if;

  -- Locking the post orders the toggles of the post and its deletion.
  select profile_id, left(caption, c_caption_chars), likes into v_owner_id, v_caption, v_before
  from public.posts_new where id = p_post_id for no key update;
  if not found then
    return json_build_object('success', false, 'isLiked', false, 'newLikeCount', 0,
      'error', 'This post does not exist any more.', 'code', 'post_not_found');
  end if;

  v_wait := queues.charge(v_keys);
  if v_wait > interval '0' then
    perform queues.count_call('like', 'refused', v_keys);
    return queues.refuse_like(p_post_id, p_session_id, v_profile_id, v_wait);
  end if;

  perform queues.count_call('like', 'allowed', v_keys);

  perform set_config('search_path', queues.app_search_path(), true);
  -- A person's like is theirs on every device; nobody takes it back by knowing a session id. A like that the session gave
  -- before its person signed in is adopted.
  delete from public.post_ratings
  where post_id = p_post_id and (profile_id = v_profile_id or profile_id is null and session_id = p_session_id);
  get diagnostics v_removed = row_count;
  if v_removed > 0 then
    v_step := -1;
  else
    -- A session id stands for the session alone: a person's like has one that nobody knows.
    insert into public.post_ratings (post_id, session_id, profile_id)
    values (p_post_id, case when v_profile_id is null then p_session_id else gen_random_uuid()::text end, v_profile_id);
    v_step := 1;
  end if;

  -- The count follows the ratings: an app may have stored one twice, or never have counted a post. Where a trigger of the
  -- app counts, it has done so by now.
  update public.posts_new p set likes = case
    when p.likes is distinct from v_before then p.likes
    when p.likes is null then (select count(*) from public.post_ratings r where r.post_id = p_post_id)
    else greatest(0, p.likes + case when v_removed > 0 then -v_removed else 1 end)
  end
  where p.id = p_post_id
  returning p.likes::bigint into v_likes;

  perform pgmq.send('like_events', jsonb_build_object(
    'v', 1,
    'event_type', case v_step when 1 then 'like' else 'unlike' end,
    'event_value', v_step,
    'post_id', p_post_id,
    'post_owner_id', v_owner_id,
    'post_caption', v_caption,
    'liker_session_id', p_session_id,
    'liker_profile_id', v_profile_id,
    'new_like_count', v_likes,
    'timestamp', clock_timestamp(),
    'metadata', jsonb_build_object()));
  perform queues.wake('like_events');

  return json_build_object('success', true, 'isLiked', v_step = 1, 'newLikeCount', v_likes);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('like_events', 'toggle');
    return null;
end $$;
comment on function queues.toggle_post_like(uuid, text) is 'See public.toggle_post_like, its only caller.';
revoke all on function queues.toggle_post_like(uuid, text) from public;
grant execute on function queues.toggle_post_like(uuid, text) to anon, authenticated;

create function public.toggle_post_like(p_post_id uuid, p_session_id text) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.toggle_post_like(p_post_id, p_session_id);
end $$;
comment on function public.toggle_post_like(uuid, text) is
  'Likes or unlikes a post, and sends one message to like_events in the same transaction. Returns {success, isLiked, '
  'newLikeCount}, and {error, code} on failure.';
revoke all on function public.toggle_post_like(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.toggle_post_like(uuid, text) to anon, authenticated;
