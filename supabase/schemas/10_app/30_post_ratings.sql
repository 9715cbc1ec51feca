-- Who likes which post. The note on profiles applies.

create table public.post_ratings (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references public.posts_new (id) on delete cascade,
  session_id text not null,
  created_at timestamptz not null default now(),
  profile_id uuid references public.profiles (id) on delete set null,
  unique (post_id, session_id)
);
create index post_ratings_profile_id_idx on public.post_ratings (profile_id, post_id) where profile_id is not null;
comment on table public.post_ratings is
  'Who likes which post. A session id is a secret of its owner, so clients have no access: toggle_post_like reads and '
  'writes it.';

alter table public.post_ratings enable row level security;
revoke all on table public.post_ratings from anon, authenticated, service_role;
grant select, insert, update, delete on table public.post_ratings to service_role;

create policy "the service reads ratings" on public.post_ratings
  for select to service_role using (true);
