-- Who operates the queues. Read at each call, so that an operator who is removed is out at once, whatever their token says.

-- Apart from queues.moderators: who judges comments need not be able to repair queues, nor the other way round.
create table queues.operators (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  since timestamptz not null default now()
);
comment on table queues.operators is 'The operators. Only the owner adds and removes rows.';
revoke all on table queues.operators from public, anon, authenticated, service_role;

create function queues.operator() returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_id uuid := (select profile_id from queues.operators where profile_id = queues.user_id());
begin
  if v_id is null then
    raise sqlstate 'PT403' using
      message = 'only operators may do this', detail = 'not_an_operator',
      hint = 'the owner adds operators to queues.operators';
  end if;
  return v_id;
end $$;
comment on function queues.operator() is 'The profile of the calling operator. Raises PT403 for everyone else.';
revoke all on function queues.operator() from public;
