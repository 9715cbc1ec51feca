-- What moderators decide.

create function queues.decide_comment(p_comment_id uuid, p_decision text, p_note text) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_moderator uuid := queues.moderator();
  v_before text;
  v_comment public.comments;
begin
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  select status into v_before from public.comments where id = p_comment_id for no key update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more.');
  end if;
  if (select author_id from public.comments where id = p_comment_id) = v_moderator then
    return queues.refuse_comment('own_comment', 'Another moderator must decide about your own comment.');
  end if;

  update public.comments set
    status = p_decision, decided_at = clock_timestamp(), decided_by = v_moderator, was_decided_by_a_moderator = true,
    -- The evidence of the machine stays in the log.
    reasons = case p_decision when 'approved' then '[]' else reasons end,
    note = case p_decision when 'rejected' then p_note end
  where id = p_comment_id
  returning * into v_comment;
  perform queues.log_moderation(p_decision, v_comment, v_moderator, p_note);
  perform queues.close_review(p_comment_id, null);
  -- A report that changes nothing is no news for the author.
  if v_before <> p_decision then
    perform queues.tell_of(array[v_comment], true);
  end if;
  return json_build_object('success', true, 'status', p_decision);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'decide');
    return null;
end $$;
comment on function queues.decide_comment(uuid, text, text) is
  'The decision of the calling moderator about a comment, whatever its state.';
revoke all on function queues.decide_comment(uuid, text, text) from public;

create function queues.approve_comment(p_comment_id uuid, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.decide_comment(p_comment_id, 'approved', p_note);
end $$;
comment on function queues.approve_comment(uuid, text) is 'See public.approve_comment, its only caller.';
revoke all on function queues.approve_comment(uuid, text) from public;
grant execute on function queues.approve_comment(uuid, text) to authenticated;

create function public.approve_comment(p_comment_id uuid, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.approve_comment(p_comment_id, p_note);
end $$;
comment on function public.approve_comment(uuid, text) is
  'For moderators: publishes a comment, and closes its reports and appeal. The note is for the log.';
revoke all on function public.approve_comment(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.approve_comment(uuid, text) to authenticated;

create function queues.reject_comment(p_comment_id uuid, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.decide_comment(p_comment_id, 'rejected', p_note);
end $$;
comment on function queues.reject_comment(uuid, text) is 'See public.reject_comment, its only caller.';
revoke all on function queues.reject_comment(uuid, text) from public;
grant execute on function queues.reject_comment(uuid, text) to authenticated;

create function public.reject_comment(p_comment_id uuid, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.reject_comment(p_comment_id, p_note);
end $$;
comment on function public.reject_comment(uuid, text) is
  'For moderators: hides a comment, tells its author the note, takes back unread notifications of it, and closes its '
  'reports and appeal.';
revoke all on function public.reject_comment(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.reject_comment(uuid, text) to authenticated;

create function queues.close_post_review(p_post_id uuid, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_moderator uuid := queues.moderator();
begin
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  if not exists (select from queues.reviews where post_id = p_post_id) then
    return queues.refuse_comment('post_not_found', 'This post does not wait for a moderator.');
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, post_id, note)
  select 'dismissed', v_moderator, (select owner_id from queues.post_details(id)), id, p_note
  from public.posts_new where id = p_post_id;
  perform queues.close_review(null, p_post_id);
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'close');
    return null;
end $$;
comment on function queues.close_post_review(uuid, text) is 'See public.close_post_review, its only caller.';
revoke all on function queues.close_post_review(uuid, text) from public;
grant execute on function queues.close_post_review(uuid, text) to authenticated;

create function public.close_post_review(p_post_id uuid, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.close_post_review(p_post_id, p_note);
end $$;
comment on function public.close_post_review(uuid, text) is
  'For moderators: closes the reports of a post. What happens to the post is up to the app.';
revoke all on function public.close_post_review(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.close_post_review(uuid, text) to authenticated;
