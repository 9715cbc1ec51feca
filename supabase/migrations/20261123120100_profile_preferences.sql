-- How a person wants to be notified. Added to the app's own profiles table where they are missing.

alter table public.profiles
  add column if not exists push_token text,
  add column if not exists email_notifications boolean default true,
  add column if not exists push_notifications boolean default true;

-- People change their preferences, and nothing else, through the API; the table's policies say whose.
-- The token can be set but not read back by anyone but the service.
grant update (push_token, email_notifications, push_notifications) on table public.profiles to authenticated;

do $$
declare
  v_readers text;
begin
  select string_agg(role, ', ' order by role) into v_readers
  from unnest(array['anon', 'authenticated']) role
  where has_column_privilege(role, 'public.profiles', 'push_token', 'select');

  if v_readers is not null then
    raise warning 'public.profiles.push_token can be selected by %', v_readers
      using hint = 'the table''s own grants cover every column: revoke select on public.profiles from these roles '
                   'and grant select on its public columns instead';
  end if;
end $$;
