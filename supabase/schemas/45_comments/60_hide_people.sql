-- Blocking and muting, and taking it back.

create function queues.hide_person(p_person uuid, p_kind text) returns json
language plpgsql
set search_path = ''
as $$
declare
  c_most constant integer := 5000;
  v_self uuid := queues.person();
  v_refused json;
begin
  if p_person is null or p_person = v_self or not exists (select from public.profiles where id = p_person) then
    return queues.refuse_comment('person_not_found', 'This is not another person.');
  end if;
  v_refused := queues.charge_person('hide', v_self);
  if v_refused is not null then
    return v_refused;
  end if;
  if (select count(*) from queues.hidden_people where person_id = v_self and kind = p_kind) >= c_most then
    return queues.refuse_comment('too_many', format('You can hide at most %s people this way.', c_most));
  end if;
  insert into queues.hidden_people (person_id, kind, hidden_id) values (v_self, p_kind, p_person) on conflict do nothing;
  return json_build_object('success', true);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('comment_moderation', 'hide');
    return null;
end $$;
comment on function queues.hide_person(uuid, text) is 'Blocks or mutes somebody for the caller. May be repeated.';
revoke all on function queues.hide_person(uuid, text) from public;

create function queues.show_person(p_person uuid, p_kind text) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_self uuid := queues.person();
begin
  delete from queues.hidden_people where person_id = v_self and kind = p_kind and hidden_id = p_person;
  return json_build_object('success', true);
end $$;
comment on function queues.show_person(uuid, text) is 'Takes back a block or a mute of the caller. May be repeated.';
revoke all on function queues.show_person(uuid, text) from public;

create function queues.block_person(p_person uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.hide_person(p_person, 'block');
end $$;
comment on function queues.block_person(uuid) is 'See public.block_person, its only caller.';
revoke all on function queues.block_person(uuid) from public;
grant execute on function queues.block_person(uuid) to authenticated;

create function public.block_person(p_person uuid) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.block_person(p_person);
end $$;
comment on function public.block_person(uuid) is
  'Blocks somebody: neither sees the comments of the other, answers them or is told of them. Returns {success}.';
revoke all on function public.block_person(uuid) from public, anon, authenticated, service_role;
grant execute on function public.block_person(uuid) to authenticated;

create function queues.unblock_person(p_person uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.show_person(p_person, 'block');
end $$;
comment on function queues.unblock_person(uuid) is 'See public.unblock_person, its only caller.';
revoke all on function queues.unblock_person(uuid) from public;
grant execute on function queues.unblock_person(uuid) to authenticated;

create function public.unblock_person(p_person uuid) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.unblock_person(p_person);
end $$;
comment on function public.unblock_person(uuid) is
  'Takes back a block of the caller. Returns {success}.';
revoke all on function public.unblock_person(uuid) from public, anon, authenticated, service_role;
grant execute on function public.unblock_person(uuid) to authenticated;

create function queues.mute_person(p_person uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.hide_person(p_person, 'mute');
end $$;
comment on function queues.mute_person(uuid) is 'See public.mute_person, its only caller.';
revoke all on function queues.mute_person(uuid) from public;
grant execute on function queues.mute_person(uuid) to authenticated;

create function public.mute_person(p_person uuid) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.mute_person(p_person);
end $$;
comment on function public.mute_person(uuid) is
  'Mutes somebody, who is not noticed: the caller does not see their comments and is not told of them. Returns {success}.';
revoke all on function public.mute_person(uuid) from public, anon, authenticated, service_role;
grant execute on function public.mute_person(uuid) to authenticated;

create function queues.unmute_person(p_person uuid) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.show_person(p_person, 'mute');
end $$;
comment on function queues.unmute_person(uuid) is 'See public.unmute_person, its only caller.';
revoke all on function queues.unmute_person(uuid) from public;
grant execute on function queues.unmute_person(uuid) to authenticated;

create function public.unmute_person(p_person uuid) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.unmute_person(p_person);
end $$;
comment on function public.unmute_person(uuid) is
  'Takes back a mute of the caller. Returns {success}.';
revoke all on function public.unmute_person(uuid) from public, anon, authenticated, service_role;
grant execute on function public.unmute_person(uuid) to authenticated;

create function queues.list_hidden_people(p_kind text, p_limit integer, p_before text) returns json
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_self uuid := queues.person();
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.check_page(p_limit);
  if p_kind is null or p_kind not in ('block', 'mute') then
    perform queues.reject('p_kind', 'is neither block nor mute', 'pass one of them');
  end if;
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_before', p_before) c;
  select
    array_agg(json_build_object('id', h.hidden_id, 'username', n.names ->> h.hidden_id::text, 'since', h.since)
      order by h.since desc, h.hidden_id desc),
    array_agg(queues.cursor_of(h.since, h.hidden_id) order by h.since desc, h.hidden_id desc)
  into v_items, v_cursors
  from (
    select hidden_id, since from queues.hidden_people
    where person_id = v_self and kind = p_kind
      and (since, hidden_id) < (coalesce(v_at, 'infinity'), coalesce(v_id, uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by since desc, hidden_id desc
    limit p_limit + 1
  ) h
  cross join lateral queues.usernames(array[h.hidden_id]) n (names);
  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $$;
comment on function queues.list_hidden_people(text, integer, text) is 'See public.list_hidden_people, its only caller.';
revoke all on function queues.list_hidden_people(text, integer, text) from public;
grant execute on function queues.list_hidden_people(text, integer, text) to authenticated;

create function public.list_hidden_people(p_kind text, p_limit integer default 20, p_before text default null) returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return queues.list_hidden_people(p_kind, p_limit, p_before);
end $$;
comment on function public.list_hidden_people(text, integer, text) is
  'Whom the caller has blocked (p_kind block) or muted (mute), latest first: {items: [{id, username, since}], next}.';
revoke all on function public.list_hidden_people(text, integer, text) from public, anon, authenticated, service_role;
grant execute on function public.list_hidden_people(text, integer, text) to authenticated;
