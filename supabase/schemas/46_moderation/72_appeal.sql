-- Appeals: an author asks a moderator, once, to look at a comment that was rejected.

create function queues.appeal_comment(p_comment_id uuid, p_body text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_author uuid := queues.person();
  v_refused json;
  v_comment public.comments;
begin
  if queues.body_problem(p_body) is not null or length(p_body) > 1000 then
    return queues.refuse_comment('invalid_body', 'The appeal must have 1 to 1000 characters, and one that can be seen.');
  end if;
  select * into v_comment from public.comments where id = p_comment_id and author_id = v_author for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;
  if v_comment.status <> 'rejected' then
    return queues.refuse_comment('not_rejected', 'Only a comment that was rejected can be appealed.');
  end if;
  -- After what may be waited for.
  v_refused := queues.charge_person('report', v_author);
  if v_refused is not null then
    return v_refused;
  end if;
  insert into queues.appeals (comment_id, body) values (p_comment_id, p_body) on conflict do nothing;
  if not found then
    return queues.refuse_comment('already_appealed', 'You have appealed once already. The decision stands.');
  end if;
  perform queues.log_moderation('appealed', v_comment, v_author, p_body);
  perform queues.open_review(p_comment_id, null);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'appeal');
    return null;
end $$;
comment on function queues.appeal_comment(uuid, text) is 'See public.appeal_comment, its only caller.';
revoke all on function queues.appeal_comment(uuid, text) from public;
grant execute on function queues.appeal_comment(uuid, text) to authenticated;

create function public.appeal_comment(p_comment_id uuid, p_body text) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.appeal_comment(p_comment_id, p_body);
end $$;
comment on function public.appeal_comment(uuid, text) is
  'Asks a moderator to look at a comment of the caller that was rejected, once. Returns {success}, or {success, error, '
  'code}.';
revoke all on function public.appeal_comment(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.appeal_comment(uuid, text) to authenticated;
