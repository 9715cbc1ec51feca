-- Deleting: by the author, or by the owner of the post.

create function queues.delete_comment(p_comment_id uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.person();
  v_comment public.comments;
begin
  select c.* into v_comment
  from public.comments c
  where c.id = p_comment_id and (
    c.author_id = v_person
    or c.status = 'approved' and (select owner_id from queues.post_details(c.post_id)) = v_person)
  for update;
  if not found then
    return queues.refuse_comment('comment_not_found', 'This comment does not exist any more, or is not yours.');
  end if;

  perform queues.log_moderation('deleted', v_comment, v_person, null);
  -- Replies go with it, and nobody is to be told any more of what they cannot see.
  perform queues.withdraw_comment(c) from public.comments c
  where c.id = p_comment_id or c.parent_id = p_comment_id order by c.id;
  delete from public.comments where id = p_comment_id;
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'delete');
    return null;
end $$;
comment on function queues.delete_comment(uuid) is 'See public.delete_comment, its only caller.';
revoke all on function queues.delete_comment(uuid) from public;
grant execute on function queues.delete_comment(uuid) to authenticated;

create function public.delete_comment(p_comment_id uuid) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.delete_comment(p_comment_id);
end $$;
comment on function public.delete_comment(uuid) is
  'Deletes a comment of the caller, or on a post of the caller, with its replies. Returns {success}, or {success, error, '
  'code}.';
revoke all on function public.delete_comment(uuid) from public, anon, authenticated, service_role;
grant execute on function public.delete_comment(uuid) to authenticated;
