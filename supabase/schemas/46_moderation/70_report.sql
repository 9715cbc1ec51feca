-- Reports: what people ask moderators to look at.

create function queues.report(p_comment_id uuid, p_post_id uuid, p_reason text, p_note text) returns json
language plpgsql
set search_path = ''
as $$
declare
  c_reasons constant text[] := array['spam', 'harassment', 'hate', 'violence', 'sexual', 'self_harm', 'other'];
  v_reporter uuid := queues.person();
  v_comment public.comments;
  v_post_id uuid;
  v_owner uuid;
  v_refused json;
begin
  if p_reason is null or p_reason <> all(c_reasons) then
    return queues.refuse_comment('invalid_reason', format('The reason must be one of %s.', array_to_string(c_reasons, ', ')));
  end if;
  if octet_length(p_note) > 2000 or length(p_note) > 500 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 500 characters.');
  end if;
  if p_comment_id is not null then
    select * into v_comment from public.comments
    where id = p_comment_id and status = 'approved' and author_id <> v_reporter for key share;
    if not found then
      return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is yours.');
    end if;
  else
    select id into v_post_id from public.posts_new where id = p_post_id for key share;
    v_owner := (select owner_id from queues.post_details(v_post_id));
    if v_post_id is null or v_owner = v_reporter then
      return queues.refuse_comment('post_not_found', 'This post does not exist any more, or is yours.');
    end if;
  end if;

  -- After what may be waited for.
  v_refused := queues.charge_person('report', v_reporter);
  if v_refused is not null then
    return v_refused;
  end if;

  insert into queues.reports (reporter_id, comment_id, post_id, reason, note)
  values (v_reporter, v_comment.id, v_post_id, p_reason, p_note)
  on conflict do nothing;
  if not found then
    return json_build_object('success', true, 'alreadyReported', true);
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, comment_id, post_id, revision, body, note)
  values ('reported', v_reporter, coalesce(v_comment.author_id, v_owner), v_comment.id,
    coalesce(v_comment.post_id, v_post_id), v_comment.revision, v_comment.body, concat_ws(': ', p_reason, p_note));
  perform queues.open_review(v_comment.id, v_post_id);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'report');
    return null;
end $$;
comment on function queues.report(uuid, uuid, text, text) is 'Reports a comment or a post to the moderators, once.';
revoke all on function queues.report(uuid, uuid, text, text) from public;

create function queues.report_comment(p_comment_id uuid, p_reason text, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.report(coalesce(p_comment_id, uuid '00000000-0000-0000-0000-000000000000'), null, p_reason, p_note);
end $$;
comment on function queues.report_comment(uuid, text, text) is 'See public.report_comment, its only caller.';
revoke all on function queues.report_comment(uuid, text, text) from public;
grant execute on function queues.report_comment(uuid, text, text) to authenticated;

create function public.report_comment(p_comment_id uuid, p_reason text, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.report_comment(p_comment_id, p_reason, p_note);
end $$;
comment on function public.report_comment(uuid, text, text) is
  'Reports a comment to the moderators, once: for spam, harassment, hate, violence, sexual, self_harm or other, with a '
  'note of up to 500 characters. Returns {success}, or {success, error, code} and perhaps retryAfter.';
revoke all on function public.report_comment(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function public.report_comment(uuid, text, text) to authenticated;

create function queues.report_post(p_post_id uuid, p_reason text, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.report(null, p_post_id, p_reason, p_note);
end $$;
comment on function queues.report_post(uuid, text, text) is 'See public.report_post, its only caller.';
revoke all on function queues.report_post(uuid, text, text) from public;
grant execute on function queues.report_post(uuid, text, text) to authenticated;

create function public.report_post(p_post_id uuid, p_reason text, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.report_post(p_post_id, p_reason, p_note);
end $$;
comment on function public.report_post(uuid, text, text) is
  'Reports a post to the moderators, once; as report_comment.';
revoke all on function public.report_post(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function public.report_post(uuid, text, text) to authenticated;
