-- Bans: for a time, by a moderator.

create function queues.ban_person(p_person uuid, p_secs integer, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_longest constant integer := 365 * 86400;
  v_moderator uuid := queues.moderator();
  v_until timestamptz;
begin
  perform queues.check_range('p_secs', p_secs, 0, c_longest);
  if length(p_note) > 1000 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 1000 characters.');
  end if;
  if p_person is null or p_person = v_moderator or not exists (select from public.profiles where id = p_person) then
    return queues.refuse_comment('person_not_found', 'This is not another person.');
  end if;
  v_until := case when p_secs > 0 then clock_timestamp() + make_interval(secs => p_secs) else '-infinity' end;
  insert into queues.restrictions as r (profile_id, banned_until, ban_note) values (p_person, v_until, p_note)
  on conflict (profile_id) do update set
    banned_until = excluded.banned_until, ban_note = excluded.ban_note,
    -- Who is let in again is not held back by the machine either.
    limited_until = case when p_secs > 0 then r.limited_until else '-infinity' end;
  insert into queues.moderation_log (action, actor_id, person_id, note)
  values (case when p_secs > 0 then 'banned' else 'unbanned' end, v_moderator, p_person, p_note);
  return json_build_object('success', true, 'until', nullif(v_until, '-infinity'));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'ban');
    return null;
end $$;
comment on function queues.ban_person(uuid, integer, text) is 'See public.ban_person, its only caller.';
revoke all on function queues.ban_person(uuid, integer, text) from public;
grant execute on function queues.ban_person(uuid, integer, text) to authenticated;

create function public.ban_person(p_person uuid, p_secs integer, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.ban_person(p_person, p_secs, p_note);
end $$;
comment on function public.ban_person(uuid, integer, text) is
  'For moderators: somebody may not comment for p_secs, up to a year; 0 ends a ban, and what the machine holds back. The '
  'note is shown to the person.';
revoke all on function public.ban_person(uuid, integer, text) from public, anon, authenticated, service_role;
grant execute on function public.ban_person(uuid, integer, text) to authenticated;
