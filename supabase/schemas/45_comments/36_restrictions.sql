-- Who may not comment for a while: repeat offenders, held back by the machine, and people whom a moderator has banned.

create table queues.restrictions (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  limited_until timestamptz not null default '-infinity',
  banned_until timestamptz not null default '-infinity',
  ban_note text,

  constraint ban_note_is_short check (length(ban_note) <= 1000)
);
comment on table queues.restrictions is 'Who may not comment for a while. A row whose times are past has no effect.';
comment on column queues.restrictions.limited_until is 'Set by the machine after repeated offences.';
comment on column queues.restrictions.banned_until is 'Set by a moderator.';
comment on column queues.restrictions.ban_note is 'What the moderator says to the person.';
revoke all on table queues.restrictions from public, anon, authenticated, service_role;

create function queues.refuse_comment(p_code text, p_error text) returns json
language plpgsql
immutable
set search_path = ''
as $$
begin
  return json_build_object('success', false, 'error', p_error, 'code', p_code);
end $$;
comment on function queues.refuse_comment(text, text) is 'The answer to a call that changes nothing.';
revoke all on function queues.refuse_comment(text, text) from public;

create function queues.restriction_of(p_person uuid) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
  v_found queues.restrictions;
begin
  select * into v_found from queues.restrictions where profile_id = p_person;
  if v_found.banned_until > v_now then
    perform set_config('response.status', '403', true);
    return json_build_object('success', false, 'error', 'A moderator does not let you comment for now.',
      'code', 'banned', 'until', v_found.banned_until, 'note', v_found.ban_note);
  end if;
  if v_found.limited_until > v_now then
    return queues.refuse_too_many(v_found.limited_until - v_now, 'held_back',
      'You cannot comment for a while, because several of your comments were rejected.');
  end if;
  return null;
end $$;
comment on function queues.restriction_of(uuid) is
  'The answer to a comment of somebody who may not comment for now: 403 if a moderator has banned them, 429 if the '
  'machine holds them back. Null for everyone else.';
revoke all on function queues.restriction_of(uuid) from public;

create function queues.prune_restrictions(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer;
begin
  delete from queues.restrictions where profile_id = any(array(
    select profile_id from queues.restrictions
    where greatest(limited_until, banned_until) < clock_timestamp() limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_restrictions(integer) is 'Removes restrictions that are over.';
revoke all on function queues.prune_restrictions(integer) from public;
