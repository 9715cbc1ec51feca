-- Block and mute. A block keeps two people apart, both ways; a mute hides somebody from one person, who is not noticed.

create table queues.hidden_people (
  person_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null,
  hidden_id uuid not null references public.profiles (id) on delete cascade,
  since timestamptz not null default clock_timestamp(),
  primary key (person_id, kind, hidden_id),

  constraint kind_is_known check (kind in ('block', 'mute')),
  constraint nobody_hides_themselves check (person_id <> hidden_id)
);
create index hidden_people_hidden_id_idx on queues.hidden_people (hidden_id, kind, person_id);
create index hidden_people_list_idx on queues.hidden_people (person_id, kind, since desc, hidden_id desc);
comment on table queues.hidden_people is 'Whom people have blocked or muted. block_person and mute_person write it.';
revoke all on table queues.hidden_people from public, anon, authenticated, service_role;

create function queues.are_apart(p_one uuid, p_other uuid) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
      select from queues.hidden_people where person_id = p_one and kind = 'block' and hidden_id = p_other)
    or exists (
      select from queues.hidden_people where person_id = p_other and kind = 'block' and hidden_id = p_one);
end $$;
comment on function queues.are_apart(uuid, uuid) is 'Whether one of two people has blocked the other.';
revoke all on function queues.are_apart(uuid, uuid) from public;

create function queues.is_apart_from(p_person uuid) returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return queues.are_apart(queues.user_id(), p_person);
end $$;
comment on function queues.is_apart_from(uuid) is
  'Whether the caller has blocked somebody or is blocked by them. For policies.';
revoke all on function queues.is_apart_from(uuid) from public;
grant execute on function queues.is_apart_from(uuid) to anon, authenticated;

create function queues.has_muted(p_person uuid) returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (
    select from queues.hidden_people where person_id = queues.user_id() and kind = 'mute' and hidden_id = p_person);
end $$;
comment on function queues.has_muted(uuid) is 'Whether the caller has muted somebody.';
revoke all on function queues.has_muted(uuid) from public;
grant execute on function queues.has_muted(uuid) to anon, authenticated;

create function queues.silenced(p_recipients uuid[], p_actors uuid[]) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(recipient, actors), '{}')
    from (
      select recipient, jsonb_agg(distinct actor) as actors
      from (
        select person_id as recipient, hidden_id as actor from queues.hidden_people
        where person_id = any(p_recipients) and hidden_id = any(p_actors)
        union all
        select hidden_id, person_id from queues.hidden_people
        where hidden_id = any(p_recipients) and person_id = any(p_actors) and kind = 'block'
      ) pairs
      group by recipient
    ) r);
end $$;
comment on function queues.silenced(uuid[], uuid[]) is
  'Of whom each recipient is not to hear, among some actors: those they have blocked or muted, and those who have '
  'blocked them. {recipient: [actor]}';
revoke all on function queues.silenced(uuid[], uuid[]) from public;
