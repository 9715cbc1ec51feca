-- Editing: the new text is judged again, and is not visible to others until then.

create function queues.edit_comment(p_comment_id uuid, p_body text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_author uuid := queues.person();
  v_problem text := queues.body_problem(p_body);
  v_refused json;
  v_comment public.comments;
begin
  if v_problem is not null then
    return queues.refuse_comment('invalid_body', v_problem);
  end if;
  v_refused := queues.restriction_of(v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  select * into v_comment from public.comments where id = p_comment_id and author_id = v_author for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;
  if v_comment.body = p_body then
    return queues.comment_answer(v_comment);
  end if;
  -- Otherwise an edit would have the machine overrule the moderator.
  if v_comment.status = 'rejected' and v_comment.was_decided_by_a_moderator then
    return queues.refuse_comment('decided_by_moderator', 'A moderator has rejected this comment: you can appeal or delete it.');
  end if;
  -- Last, so that no limit stays locked while the comment is waited for.
  v_refused := queues.charge_person('comment', v_author);
  if v_refused is not null then
    return v_refused;
  end if;

  update public.comments set
    body = p_body, status = 'pending', revision = revision + 1, edited_at = clock_timestamp(),
    decided_at = null, decided_by = null, was_decided_by_a_moderator = false, reasons = '[]', scores = null, language = null,
    model = null, note = null, opinion = null
  where id = p_comment_id
  returning * into v_comment;
  perform queues.send_to_moderation(v_comment.id);
  return queues.comment_answer(v_comment);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'edit');
    return null;
end $$;
comment on function queues.edit_comment(uuid, text) is 'See public.edit_comment, its only caller.';
revoke all on function queues.edit_comment(uuid, text) from public;
grant execute on function queues.edit_comment(uuid, text) to authenticated;

create function public.edit_comment(p_comment_id uuid, p_body text) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.edit_comment(p_comment_id, p_body);
end $$;
comment on function public.edit_comment(uuid, text) is
  'Changes the text of a comment of the caller, which is then judged again: until then only its author sees it. Returns '
  '{success, comment}, or {success, error, code} and perhaps retryAfter.';
revoke all on function public.edit_comment(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.edit_comment(uuid, text) to authenticated;
