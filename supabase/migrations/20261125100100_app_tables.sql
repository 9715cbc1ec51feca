-- The tables of the app, for a project that does not have them. An existing table is left as it is, with its policies and
-- grants.

do $$
begin
  if to_regclass('public.profiles') is not null then
    return;
  end if;

  create table public.profiles (
    id uuid primary key default gen_random_uuid(),
    username text,

    constraint username_is_bounded check (octet_length(username) <= 1000)
  );
  comment on table public.profiles is 'People of the app. The id of a signed-in person is their auth.uid().';

  alter table public.profiles enable row level security;
  revoke all on table public.profiles from anon, authenticated, service_role;
  -- By column: a column added later, such as a push token, is private until it is granted.
  grant select (id, username) on table public.profiles to anon, authenticated;
  grant select, insert, update, delete on table public.profiles to service_role;

  create policy "profiles are readable by all" on public.profiles
    for select to anon, authenticated using (true);
  create policy "people update their own profile" on public.profiles
    for update to authenticated
    using (id::text = ((select auth.jwt()) ->> 'sub')) with check (id::text = ((select auth.jwt()) ->> 'sub'));
end $$;

do $$
begin
  if to_regclass('public.posts_new') is not null then
    return;
  end if;

  create table public.posts_new (
    id uuid primary key default gen_random_uuid(),
    profile_id uuid references public.profiles (id) on delete cascade,
    caption text,
    image_url text,
    likes numeric not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index posts_new_profile_id_idx on public.posts_new (profile_id);
  comment on table public.posts_new is 'Photos with their captions.';
  comment on column public.posts_new.likes is 'The number of ratings. Only toggle_post_like changes it.';

  alter table public.posts_new enable row level security;
  revoke all on table public.posts_new from anon, authenticated, service_role;
  grant select on table public.posts_new to anon, authenticated;
  grant select, insert, update, delete on table public.posts_new to service_role;

  create policy "posts are readable by all" on public.posts_new
    for select to anon, authenticated using (true);
end $$;

do $$
begin
  if to_regclass('public.post_ratings') is not null then
    return;
  end if;

  create table public.post_ratings (
    id uuid primary key default gen_random_uuid(),
    post_id uuid not null references public.posts_new (id) on delete cascade,
    session_id text not null,
    created_at timestamptz not null default now(),
    unique (post_id, session_id)
  );
  comment on table public.post_ratings is
    'Who likes which post. A session id is a secret of its owner, so clients have no access: toggle_post_like reads and '
    'writes it.';

  alter table public.post_ratings enable row level security;
  revoke all on table public.post_ratings from anon, authenticated, service_role;
  grant select, insert, update, delete on table public.post_ratings to service_role;

  create policy "the service reads ratings" on public.post_ratings
    for select to service_role using (true);
end $$;

-- Notification preferences: columns that the table of the app may lack.
alter table public.profiles
  add column if not exists push_token text,
  add column if not exists email_notifications boolean default true,
  add column if not exists push_notifications boolean default true,
  add column if not exists language text default 'en',
  add column if not exists time_zone text,
  add column if not exists quiet_from time,
  add column if not exists quiet_until time;

-- What people can write has a bound: a claim reads it for each message to them. A table of the app with longer values is
-- left as it is; claims then read no more than this of them.
do $$
declare
  v_column text;
  v_bytes integer;
  v_is_longer boolean;
begin
  for v_column, v_bytes in
    values ('push_token', 4096), ('language', 100), ('time_zone', 100)
  loop
    continue when exists (
      select from pg_constraint
      where conrelid = 'public.profiles'::regclass and conname = v_column || '_is_bounded');
    execute format('select exists (select from public.profiles where octet_length(%I::text) > %s)', v_column, v_bytes)
      into v_is_longer;
    if v_is_longer then
      raise warning 'public.profiles.% has values of more than % bytes', v_column, v_bytes
        using hint = format('shorten them, then: alter table public.profiles add constraint %I check (octet_length(%I::text) <= %s)',
          v_column || '_is_bounded', v_column, v_bytes);
    else
      execute format('alter table public.profiles add constraint %I check (octet_length(%I::text) <= %s)',
        v_column || '_is_bounded', v_column, v_bytes);
    end if;
  end loop;
end $$;

-- Whose like it is; null for the likes of sessions.
alter table public.post_ratings
  add column if not exists profile_id uuid references public.profiles (id) on delete set null;
create index if not exists post_ratings_profile_id_idx on public.post_ratings (profile_id, post_id)
  where profile_id is not null;

-- Finds who is mentioned. A bounded name, because the app's own may be too long for an index.
create index if not exists profiles_username_idx on public.profiles (lower(left(username::text, 100)));

-- People update these three columns, and no others, of the rows that the policies allow. Only the service can read the
-- token back. notification_preferences and set_notification_preferences read and change the other preferences.
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
