-- Posting: the producer of the queue comment_moderation.

create function queues.comment_answer(p_comment public.comments) returns json
language plpgsql
immutable
set search_path = ''
as $$
begin
  return json_build_object('success', true, 'comment', json_build_object(
    'id', p_comment.id, 'post_id', p_comment.post_id, 'parent_id', p_comment.parent_id, 'body', p_comment.body,
    'status', p_comment.status, 'revision', p_comment.revision, 'created_at', p_comment.created_at,
    'edited_at', p_comment.edited_at));
end $$;
comment on function queues.comment_answer(public.comments) is 'The answer to its author about a comment.';
revoke all on function queues.comment_answer(public.comments) from public;

create function queues.send_to_moderation(p_comment uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pgmq.send('comment_moderation', jsonb_strip_nulls(
    jsonb_build_object('v', 1, 'comment_id', p_comment, 'correlation_id', queues.correlation_id())));
  perform queues.wake('comment_moderation');
end $$;
comment on function queues.send_to_moderation(uuid) is 'Has a comment judged after the caller''s transaction.';
revoke all on function queues.send_to_moderation(uuid) from public;

create function queues.post_comment(p_post_id uuid, p_body text, p_parent_id uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_author uuid := queues.person();
  v_problem text := queues.body_problem(p_body);
  v_refused json;
  v_owner uuid;
  v_parent public.comments;
  v_comment public.comments;
begin
  if v_problem is not null then
    return queues.refuse_comment('invalid_body', v_problem);
  end if;
  v_refused := queues.restriction_of(v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  perform from public.posts_new where id = p_post_id for key share;
  if not found then
    return queues.refuse_comment('post_not_found', 'This post does not exist any more.');
  end if;
  v_owner := (select owner_id from queues.post_details(p_post_id));
  if p_parent_id is not null then
    select * into v_parent from public.comments where id = p_parent_id and post_id = p_post_id and status = 'approved'
    for key share;
    -- Who is blocked learns no more than that.
    if not found or queues.are_apart(v_author, v_parent.author_id) then
      return queues.refuse_comment('comment_not_found', 'The comment that you answer does not exist any more.');
    end if;
  end if;
  if queues.are_apart(v_author, v_owner) then
    return queues.refuse_comment('post_not_found', 'This post does not exist any more.');
  end if;
  -- Last, so that no limit stays locked while a post or a comment is waited for.
  v_refused := queues.charge_person('comment', v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  -- Threads have two levels: who answers a reply joins its thread.
  insert into public.comments (post_id, author_id, parent_id, reply_to, body)
  values (p_post_id, v_author, coalesce(v_parent.parent_id, v_parent.id), v_parent.author_id, p_body)
  returning * into v_comment;
  perform queues.send_to_moderation(v_comment.id);
  return queues.comment_answer(v_comment);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'post');
    return null;
end $$;
comment on function queues.post_comment(uuid, text, uuid) is 'See public.post_comment, its only caller.';
revoke all on function queues.post_comment(uuid, text, uuid) from public;
grant execute on function queues.post_comment(uuid, text, uuid) to authenticated;

create function public.post_comment(p_post_id uuid, p_body text, p_parent_id uuid default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  -- As the caller, so that the policies of posts apply.
  if not exists (select from public.posts_new where id = p_post_id) then
    return json_build_object(
      'success', false, 'error', 'This post does not exist any more.', 'code', 'post_not_found');
  end if;
  return queues.post_comment(p_post_id, p_body, p_parent_id);
end $$;
comment on function public.post_comment(uuid, text, uuid) is
  'Stores a comment of the caller, or a reply if p_parent_id names a comment, as pending, and sends it to moderation in '
  'the same transaction. Returns {success, comment}, or {success, error, code} and perhaps retryAfter.';
revoke all on function public.post_comment(uuid, text, uuid) from public, anon, authenticated, service_role;
grant execute on function public.post_comment(uuid, text, uuid) to authenticated;
