-- Likes: the producer of the queue like_events.

create function queues.toggle_post_like(p_post_id uuid, p_session_id text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  -- Notifications quote the caption. A longer one could make the event too large for its queue.
  c_caption_chars constant integer := 2200;
  v_profile_id uuid;
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

  -- Locking the post orders the toggles of the post and its deletion.
  select profile_id, left(caption, c_caption_chars), likes into v_owner_id, v_caption, v_before
  from public.posts_new where id = p_post_id for no key update;
  if not found then
    return json_build_object('success', false, 'isLiked', false, 'newLikeCount', 0,
      'error', 'This post does not exist any more.', 'code', 'post_not_found');
  end if;

  perform set_config('search_path', queues.app_search_path(), true);
  delete from public.post_ratings where post_id = p_post_id and session_id = p_session_id;
  get diagnostics v_removed = row_count;
  if v_removed > 0 then
    v_step := -1;
  else
    insert into public.post_ratings (post_id, session_id) values (p_post_id, p_session_id);
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

  select id into v_profile_id from public.profiles where id = queues.user_id();

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
