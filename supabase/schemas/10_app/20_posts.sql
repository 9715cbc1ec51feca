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

create function queues.post_details(p_post_id uuid, out owner_id uuid, out caption text)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Notifications quote the caption. A longer one could make a message too large for its queue.
  c_caption_chars constant integer := 2200;
  v_post jsonb;
begin
  select p.profile_id, left(p.caption::text, c_caption_chars) into owner_id, caption
  from public.posts_new p where p.id = p_post_id;
exception
  -- An app may rename these columns, or change their types: likes and comments go on, with what is left.
  when undefined_column or datatype_mismatch or invalid_text_representation then
    select to_jsonb(p) into v_post from public.posts_new p where p.id = p_post_id;
    owner_id := case when v_post ->> 'profile_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then (v_post ->> 'profile_id')::uuid end;
    caption := left(v_post ->> 'caption', c_caption_chars);
end $$;
comment on function queues.post_details(uuid) is
  'The owner of a post, and the beginning of its caption; null where the app has no such column any more.';
revoke all on function queues.post_details(uuid) from public;
