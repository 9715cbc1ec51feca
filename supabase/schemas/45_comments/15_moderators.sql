-- Who moderates. Read at each call, so that a moderator who is removed is out at once, whatever their token says.

create table queues.moderators (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  since timestamptz not null default now()
);
comment on table queues.moderators is 'The moderators. Only the owner adds and removes rows.';
revoke all on table queues.moderators from public, anon, authenticated, service_role;

create function queues.is_moderator() returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from queues.moderators where profile_id = queues.user_id());
end $$;
comment on function queues.is_moderator() is 'Whether the caller is a moderator now.';
revoke all on function queues.is_moderator() from public;
grant execute on function queues.is_moderator() to anon, authenticated;

create function queues.moderator() returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  if not queues.is_moderator() then
    raise sqlstate 'PT403' using
      message = 'only moderators may do this', hint = 'the owner adds moderators to queues.moderators';
  end if;
  return queues.user_id();
end $$;
comment on function queues.moderator() is 'The profile of the calling moderator. Raises PT403 for everyone else.';
revoke all on function queues.moderator() from public;
