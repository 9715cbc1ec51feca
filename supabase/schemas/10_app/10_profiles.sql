-- The people of the app. An app that already has this table keeps it, with its policies and grants: the migrations
-- create only what is missing.

create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  username text,
  push_token text,
  email_notifications boolean default true,
  push_notifications boolean default true,
  language text default 'en',
  time_zone text,
  quiet_from time,
  quiet_until time,

  -- What people can write has a bound: a claim reads it for each message to them.
  constraint push_token_is_bounded check (octet_length(push_token) <= 4096),
  constraint username_is_bounded check (octet_length(username) <= 1000),
  constraint language_is_bounded check (octet_length(language) <= 100),
  constraint time_zone_is_bounded check (octet_length(time_zone) <= 100)
);
-- Finds who is mentioned. A bounded name, because an app's own may be too long for an index.
create index profiles_username_idx on public.profiles (lower(left(username::text, 100)));
comment on table public.profiles is 'People of the app. The id of a signed-in person is their auth.uid().';

alter table public.profiles enable row level security;
revoke all on table public.profiles from anon, authenticated, service_role;
-- By column: a column added later, such as a push token, is private until it is granted.
grant select (id, username) on table public.profiles to anon, authenticated;
-- Only the service can read the token back. notification_preferences and set_notification_preferences read and change
-- the other preferences.
grant update (push_token, email_notifications, push_notifications) on table public.profiles to authenticated;
grant select, insert, update, delete on table public.profiles to service_role;

create policy "profiles are readable by all" on public.profiles
  for select to anon, authenticated using (true);
create policy "people update their own profile" on public.profiles
  for update to authenticated
  using (id::text = ((select auth.jwt()) ->> 'sub')) with check (id::text = ((select auth.jwt()) ->> 'sub'));

create function queues.person() returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_profile_id uuid := (select id from public.profiles where id = queues.user_id());
begin
  if v_profile_id is null then
    raise sqlstate 'PT403' using
      message = 'only people with a profile may do this',
      hint = 'sign in with Supabase Auth, and insert a row with your user id into profiles';
  end if;
  return v_profile_id;
end $$;
comment on function queues.person() is 'The profile of the caller. Raises PT403 if there is none.';
revoke all on function queues.person() from public;
