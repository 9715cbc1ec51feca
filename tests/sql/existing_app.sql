-- An app that grew before this project came to it: more columns than we know of, its own policies and grants, data,
-- and a toggle_post_like that answers something else.

create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  username text unique not null,
  bio text,
  is_admin boolean not null default false
);
create table public.posts_new (
  id uuid primary key default gen_random_uuid(),
  profile_id uuid references public.profiles (id),
  caption text,
  image_url text,
  likes numeric not null default 0,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  location point,
  tags text[] not null default '{}'
);
create table public.post_ratings (
  id uuid primary key default gen_random_uuid(),
  post_id uuid references public.posts_new (id) on delete cascade,
  session_id text not null,
  created_at timestamptz default now(),
  user_agent text,
  unique (post_id, session_id)
);

alter table public.profiles enable row level security;
create policy "anyone" on public.profiles for select using (true);
grant select on table public.profiles, public.posts_new to anon, authenticated;

create function public.toggle_post_like(p_post_id uuid, p_session_id text)
returns table (liked boolean, total numeric) language sql as $$ select true, 1::numeric $$;
grant execute on function public.toggle_post_like(uuid, text) to anon;

insert into public.profiles (id, username, bio) values ('00000000-0000-4000-8000-00000000000a', 'ann', 'hats');
insert into public.posts_new (id, profile_id, caption, likes, tags)
values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-00000000000a', 'a hat', 2, '{hat}');
insert into public.post_ratings (post_id, session_id, user_agent)
values ('00000000-0000-4000-8000-0000000000b1', 's1', 'x'), ('00000000-0000-4000-8000-0000000000b1', 's2', 'y');
