-- How uploads are processed: one row.

create table queues.image_settings (
  is_only boolean primary key default true,
  uploads_bucket text not null default 'uploads',
  images_bucket text not null default 'images',
  keeps_location boolean not null default false,
  keeps_serial_number boolean not null default false,
  reads_heic boolean not null default false,
  removes_uploads boolean not null default false,
  hold_function text,
  orphan_days integer not null default 7,
  retention_days integer not null default 30,

  constraint there_is_one_row check (is_only),
  constraint buckets_are_names check (
    uploads_bucket ~ '^[A-Za-z0-9_.-]{1,100}$' and images_bucket ~ '^[A-Za-z0-9_.-]{1,100}$'),
  -- Variants would be taken for uploads, and uploads would be public.
  constraint buckets_differ check (uploads_bucket <> images_bucket),
  constraint hold_function_is_a_name check (hold_function ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint orphan_days_are_in_bounds check (orphan_days between 1 and 3650),
  constraint retention_is_in_bounds check (retention_days between 1 and 3650)
);
comment on table queues.image_settings is 'How uploads are processed. One row; a change takes effect with the next picture.';
comment on column queues.image_settings.uploads_bucket is
  'The private bucket that people upload to, as <owner>/<post>/<name>.';
comment on column queues.image_settings.images_bucket is 'The public bucket that pictures are published from.';
comment on column queues.image_settings.keeps_location is
  'Whether the place where a picture was taken is kept for its owner. It is never published.';
comment on column queues.image_settings.keeps_serial_number is
  'Whether the serial number of the camera is kept for its owner. It is never published.';
comment on column queues.image_settings.reads_heic is
  'Whether HEIC is processed. Its codec, HEVC, has patents for which their holders may want licences (docs/images.md).';
comment on column queues.image_settings.removes_uploads is
  'Whether an upload is removed once its variants are recorded. Without it pictures cannot be processed again.';
comment on column queues.image_settings.hold_function is
  'A function (jsonb) returns boolean of schema queues. It is given each picture that has been processed, as {image_id, '
  'post_id, owner_id, bucket, variants}, and says whether it is held back until somebody decides about it. Null for none.';
comment on column queues.image_settings.orphan_days is 'When pictures are removed whose post has never existed.';
comment on column queues.image_settings.retention_days is 'For how long problems with uploads are kept.';
revoke all on table queues.image_settings from public, anon, authenticated, service_role;

create function queues.check_image_settings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function('hold', 'hold_function', new.hold_function) where new.hold_function is not null;
  return new;
end $$;
comment on function queues.check_image_settings() is 'Rejects a function that does not exist.';
revoke all on function queues.check_image_settings() from public;

create trigger check_image_settings before insert or update of hold_function on queues.image_settings
  for each row execute function queues.check_image_settings();
