-- The pictures of posts: what became of each upload, and where its variants are.

create table public.post_images (
  id uuid primary key default gen_random_uuid(),
  -- An upload may come before its post. queues.forget_posts removes pictures with their post.
  post_id uuid not null,
  owner_id uuid not null references public.profiles (id) on delete cascade,
  status text not null default 'pending',
  reason text,
  error text,
  variants jsonb,
  width integer,
  height integer,
  color text,
  thumbhash text,
  exif jsonb,
  created_at timestamptz not null default clock_timestamp(),
  processed_at timestamptz,
  bucket text not null,
  path text not null,
  revision integer not null default 1,
  size_bytes bigint,
  format text,
  upload_removed_at timestamptz,

  constraint an_upload_has_one_row unique (bucket, path),
  constraint status_is_known check (status in ('pending', 'held', 'ready', 'failed')),
  constraint a_failure_has_its_reason check ((status = 'failed') = (reason is not null and error is not null)),
  constraint a_picture_has_variants check (status not in ('held', 'ready') or variants is not null),
  constraint processed_is_decided check ((status = 'pending') = (processed_at is null)),
  constraint reason_is_a_name check (reason ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint error_is_short check (length(error) <= 500),
  constraint variants_are_a_short_list check (
    jsonb_typeof(variants) = 'array' and jsonb_array_length(variants) between 1 and 8 and octet_length(variants::text) <= 8192),
  constraint sizes_are_positive check (width > 0 and height > 0),
  constraint color_is_a_color check (color ~ '^#[0-9a-f]{6}$'),
  constraint thumbhash_is_short check (length(thumbhash) <= 100),
  constraint exif_is_a_small_object check (jsonb_typeof(exif) = 'object' and octet_length(exif::text) <= 4096),
  constraint path_has_1_to_1024_characters check (length(path) between 1 and 1024),
  constraint bucket_has_1_to_100_characters check (length(bucket) between 1 and 100),
  constraint revision_is_positive check (revision > 0),
  constraint size_is_not_negative check (size_bytes >= 0),
  constraint format_is_a_name check (format ~ '^[a-z0-9]{1,16}$')
);
create index post_images_post_id_idx on public.post_images (post_id, created_at);
create index post_images_owner_id_idx on public.post_images (owner_id);
create index post_images_pending_idx on public.post_images (created_at) where status = 'pending';
create index post_images_held_idx on public.post_images (processed_at) where status = 'held';
create index post_images_processed_at_idx on public.post_images (processed_at);
create index post_images_created_at_idx on public.post_images (created_at);
comment on table public.post_images is 'The pictures of posts. Only workers and queues change it.';
comment on column public.post_images.status is
  'pending until it is processed, held until somebody has looked at it, ready (visible to all who see its post), or failed.';
comment on column public.post_images.reason is 'Why it failed, for programs, such as unsupported_format.';
comment on column public.post_images.error is 'The same in words for its owner.';
comment on column public.post_images.variants is
  'The files to show: [{name, bucket, path, type, width, height, size_bytes}], named original, medium and thumbnail.';
comment on column public.post_images.width is 'Of the upload, upright.';
comment on column public.post_images.color is 'The most frequent color.';
comment on column public.post_images.thumbhash is 'What to show until a variant is loaded, in base64.';
comment on column public.post_images.exif is
  'How it was taken: camera, lens, exposure and date, as far as they are known. Never the place.';
comment on column public.post_images.bucket is 'Where the upload is.';
comment on column public.post_images.revision is 'Grows with each upload to the same path. A result applies to one revision.';
comment on column public.post_images.upload_removed_at is 'When the upload was removed from Storage.';

alter table public.post_images enable row level security;
revoke all on table public.post_images from public, anon, authenticated, service_role;
-- Without the path of the upload, which has the name of a person's file.
grant select (
  id, post_id, owner_id, status, reason, error, variants, width, height, color, thumbhash, exif, created_at, processed_at
) on table public.post_images to anon, authenticated;
grant select on table public.post_images to service_role;

create function queues.is_own_post(p_post_id uuid, p_owner_id uuid) returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select owner_id from queues.post_details(p_post_id)) = p_owner_id;
end $$;
comment on function queues.is_own_post(uuid, uuid) is
  'Whether a post belongs to a person. Somebody may upload for a post that does not exist yet, and another may then create it.';
revoke all on function queues.is_own_post(uuid, uuid) from public;
grant execute on function queues.is_own_post(uuid, uuid) to anon, authenticated;

create policy "pictures are readable with their post" on public.post_images
  for select to anon using (
    status = 'ready' and exists (select from public.posts_new p where p.id = post_id) and queues.is_own_post(post_id, owner_id));
-- One policy, because each one that applies is evaluated for each row.
create policy "people read pictures with their post, and their own" on public.post_images
  for select to authenticated using (
    owner_id = (select queues.user_id())
    or status = 'ready' and exists (select from public.posts_new p where p.id = post_id)
      and queues.is_own_post(post_id, owner_id));

create table public.post_image_secrets (
  image_id uuid primary key references public.post_images (id) on delete cascade,
  location jsonb,
  serial_number text,

  constraint location_is_a_small_object check (jsonb_typeof(location) = 'object' and octet_length(location::text) <= 200),
  constraint serial_number_is_short check (length(serial_number) <= 100)
);
comment on table public.post_image_secrets is
  'What of a picture is for its owner alone. Filled only as far as queues.image_settings says so.';
comment on column public.post_image_secrets.location is 'Where it was taken: {latitude, longitude}.';
comment on column public.post_image_secrets.serial_number is 'Of the camera.';

alter table public.post_image_secrets enable row level security;
revoke all on table public.post_image_secrets from public, anon, authenticated, service_role;
grant select on table public.post_image_secrets to authenticated;

create policy "people read the secrets of their own pictures" on public.post_image_secrets
  for select to authenticated using (
    exists (select from public.post_images i where i.id = image_id and i.owner_id = (select queues.user_id())));
