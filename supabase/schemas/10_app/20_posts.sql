-- The posts of the app, with the columns needed here. The note on profiles applies.

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
