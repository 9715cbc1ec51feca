-- Likes: the producer of the queue like_events.

create function queues.like_over_limit(
  p_post_id uuid, p_session_id text, p_profile_id uuid, p_keys queues.rate_limit_key[], p_wait interval, p_defer boolean
) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_deferred json;
  v_likes bigint;
begin
  if p_defer then
    v_deferred := queues.defer_like(p_post_id, p_session_id, p_profile_id, p_wait);
    if v_deferred is not null then
      perform queues.count_call('like', 'deferred', p_keys);
      return v_deferred;
    end if;
  end if;
  perform queues.count_call('like', 'refused', p_keys);
  select queues.like_count(likes::numeric) into v_likes from public.posts_new where id = p_post_id;
  return json_build_object('success', false,
    'isLiked', queues.likes_post(p_post_id, p_session_id, p_profile_id), 'newLikeCount', coalesce(v_likes, 0),
    'error', 'Too many requests', 'code', 'rate_limited', 'retryAfter', queues.too_many_requests(p_wait));
end $$;
comment on function queues.like_over_limit(uuid, text, uuid, queues.rate_limit_key[], interval, boolean) is
  'Answers a like over its limit: 202 if it is deferred, else 429 with the state as it is.';
revoke all on function queues.like_over_limit(uuid, text, uuid, queues.rate_limit_key[], interval, boolean) from public;

create function queues.post_not_found() returns json
language plpgsql
immutable
set search_path = ''
as $$
begin
  return json_build_object('success', false, 'isLiked', false, 'newLikeCount', 0,
    'error', 'This post does not exist any more.', 'code', 'post_not_found');
end $$;
comment on function queues.post_not_found() is 'The answer to a like of a post that does not exist.';
revoke all on function queues.post_not_found() from public;

create function queues.toggle_post_like(p_post_id uuid, p_session_id text, p_defer boolean) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_profile_id uuid := (select id from public.profiles where id = queues.user_id());
  v_refused jsonb := queues.refuse_session_id(p_session_id);
  v_keys queues.rate_limit_key[];
  v_wait interval;
  v_wanted boolean;
  v_step integer;
  v_likes bigint;
begin
  if v_refused is not null then
    return (v_refused || jsonb_build_object('isLiked', false, 'newLikeCount', 0))::json;
  end if;

  -- A flood is refused before it waits for the post.
  v_keys := queues.rate_limit_keys_of('like', p_session_id, v_profile_id);
  v_wait := queues.rate_limit_wait(v_keys);
  if v_wait > interval '0' then
    if p_defer and not exists (select from public.posts_new where id = p_post_id) then
      return queues.post_not_found();
    end if;
    return queues.like_over_limit(p_post_id, p_session_id, v_profile_id, v_keys, v_wait, p_defer);
  end if;

  -- Locking the post orders the toggles of the post and its deletion.
  perform from public.posts_new where id = p_post_id for no key update;
  if not found then
    return queues.post_not_found();
  end if;

  v_wait := queues.charge(v_keys);
  if v_wait > interval '0' then
    return queues.like_over_limit(p_post_id, p_session_id, v_profile_id, v_keys, v_wait, p_defer);
  end if;

  perform queues.count_call('like', 'allowed', v_keys);

  -- Toggles what the caller was told last, so that it does not matter whether that is applied yet.
  v_wanted := not queues.supersede_likes(p_post_id, queues.like_owners(p_session_id, v_profile_id));
  select step, new_like_count into v_step, v_likes
  from queues.change_like(p_post_id, p_session_id, v_profile_id, v_wanted);
  return json_build_object('success', true, 'isLiked', coalesce(v_wanted, v_step = 1), 'newLikeCount', v_likes);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('like_events', 'toggle');
    return null;
end $$;
comment on function queues.toggle_post_like(uuid, text, boolean) is 'See public.toggle_post_like, its only caller.';
revoke all on function queues.toggle_post_like(uuid, text, boolean) from public;
grant execute on function queues.toggle_post_like(uuid, text, boolean) to anon, authenticated;

-- One function: of two with the same name PostgREST would not know which one is meant.
create function public.toggle_post_like(p_post_id uuid, p_session_id text, p_defer boolean default false) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.toggle_post_like(p_post_id, p_session_id, coalesce(p_defer, false));
end $$;
comment on function public.toggle_post_like(uuid, text, boolean) is
  'Likes or unlikes a post, and sends one message to like_events in the same transaction. Returns {success, isLiked, '
  'newLikeCount}, and {error, code} on failure. Over the limit: 429, or with p_defer 202 {success, deferred, applyAfter, '
  'isLiked}, and the like is applied once the limit allows.';
revoke all on function public.toggle_post_like(uuid, text, boolean) from public, anon, authenticated, service_role;
grant execute on function public.toggle_post_like(uuid, text, boolean) to anon, authenticated;
