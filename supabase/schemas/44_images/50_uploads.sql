-- Uploads, as Storage or the app reports them.

create table queues.upload_problems (
  bucket text not null,
  path text not null,
  code text not null,
  error text not null,
  tries integer not null default 1,
  first_at timestamptz not null default clock_timestamp(),
  last_at timestamptz not null default clock_timestamp(),
  primary key (bucket, path),

  constraint error_is_bounded check (length(error) <= 500)
);
create index upload_problems_last_at_idx on queues.upload_problems (last_at);
comment on table queues.upload_problems is
  'Uploads without a picture, and why. Removed once they have one. A mistake of the uploader (PTnnn) is tried again once a '
  'day, all else by the ticks of the dispatcher.';
comment on column queues.upload_problems.code is 'The SQLSTATE.';
revoke all on table queues.upload_problems from public, anon, authenticated, service_role;

create function queues.record_upload_problem(p_bucket text, p_path text, p_code text, p_error text) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.upload_problems as u (bucket, path, code, error)
  values (p_bucket, p_path, p_code, left(p_error, 500))
  on conflict (bucket, path) do update set
    code = excluded.code, error = excluded.error, tries = u.tries + 1, last_at = excluded.last_at;
exception
  when query_canceled or others then
    -- Housekeeping finds the object, because it has no row.
    raise warning 'the problem of upload `%` was not recorded: %', p_path, sqlerrm;
end $$;
comment on function queues.record_upload_problem(text, text, text, text) is 'Records why an upload has no picture. Never raises.';
revoke all on function queues.record_upload_problem(text, text, text, text) from public;

create function queues.read_upload_path(p_path text, out owner_id uuid, out post_id uuid)
language plpgsql
stable
set search_path = ''
as $$
declare
  c_uuid constant text := '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  v_parts text[] := regexp_match(p_path, format('^(%s)/(%s)/.', c_uuid, c_uuid));
begin
  if v_parts is null then
    perform queues.reject('path', 'is not <owner>/<post>/<name>', 'upload to `${user.id}/${post.id}/photo.jpg`, ids in lower case');
  end if;
  owner_id := v_parts[1]::uuid;
  post_id := v_parts[2]::uuid;
  if not exists (select from public.profiles p where p.id = owner_id) then
    perform queues.reject('path', 'names an owner without a profile', 'the first folder is the id of a profile');
  end if;
  if exists (select from public.posts_new p where p.id = post_id) and not queues.is_own_post(post_id, owner_id) then
    perform queues.reject('path', 'names a post of somebody else', 'the second folder is the id of a post of the owner');
  end if;
end $$;
comment on function queues.read_upload_path(text) is
  'The owner and the post of an upload, <owner>/<post>/<name>. The post may come later. Raises PT422 for other paths.';
revoke all on function queues.read_upload_path(text) from public;

create function queues.send_image(p_image public.post_images) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pgmq.send('image_processing',
    jsonb_build_object('v', 1, 'image_id', p_image.id, 'revision', p_image.revision));
  perform queues.wake('image_processing');
  perform queues.broadcast_images(array[p_image.id]);
end $$;
comment on function queues.send_image(public.post_images) is 'Has an upload processed.';
revoke all on function queues.send_image(public.post_images) from public;

create function queues.add_upload(p_bucket text, p_path text, p_size_bytes bigint) returns public.post_images
language plpgsql
set search_path = ''
as $$
declare
  v_owner uuid;
  v_post uuid;
  v_image public.post_images;
begin
  select owner_id, post_id into v_owner, v_post from queues.read_upload_path(p_path);
  insert into public.post_images as i (post_id, owner_id, bucket, path, size_bytes)
  values (v_post, v_owner, p_bucket, p_path, p_size_bytes)
  -- Another upload to the same place. What is published stays recorded until it is replaced.
  on conflict (bucket, path) do update set
    revision = i.revision + 1, status = 'pending', reason = null, error = null, processed_at = null,
    size_bytes = excluded.size_bytes, upload_removed_at = null
  returning * into v_image;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
  perform queues.send_image(v_image);
  return v_image;
end $$;
comment on function queues.add_upload(text, text, bigint) is 'A new upload, or another one to the same path, is to be processed.';
revoke all on function queues.add_upload(text, text, bigint) from public;

create function queues.forget_upload(p_bucket text, p_path text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_image public.post_images;
begin
  update public.post_images set upload_removed_at = clock_timestamp()
  where bucket = p_bucket and path = p_path
  returning * into v_image;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
  if v_image.status = 'pending' then
    update public.post_images set
      status = 'failed', revision = revision + 1, processed_at = clock_timestamp(), reason = 'upload_removed',
      error = 'the upload was removed before it was processed'
    where id = v_image.id;
    perform queues.broadcast_images(array[v_image.id]);
  end if;
end $$;
comment on function queues.forget_upload(text, text) is
  'An upload was removed from Storage. What was made of it stays, until its post is deleted.';
revoke all on function queues.forget_upload(text, text) from public;

create function queues.move_upload(
  p_old_bucket text, p_old_path text, p_bucket text, p_path text, p_size_bytes bigint
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_owner uuid;
  v_post uuid;
begin
  select owner_id, post_id into v_owner, v_post from queues.read_upload_path(p_path);
  -- Within its post only the place of the upload has changed.
  update public.post_images set bucket = p_bucket, path = p_path
  where bucket = p_old_bucket and path = p_old_path and owner_id = v_owner and post_id = v_post;
  if found then
    delete from queues.upload_problems where bucket = p_old_bucket and path = p_old_path;
    return;
  end if;
  perform queues.abandon_upload(p_old_bucket, p_old_path);
  perform queues.add_upload(p_bucket, p_path, p_size_bytes);
end $$;
comment on function queues.move_upload(text, text, text, text, bigint) is
  'An upload was moved. In another post it is a new upload, and the picture of the old one goes.';
revoke all on function queues.move_upload(text, text, text, text, bigint) from public;

create function queues.abandon_upload(p_bucket text, p_path text) returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.post_images set upload_removed_at = clock_timestamp() where bucket = p_bucket and path = p_path;
  delete from public.post_images where bucket = p_bucket and path = p_path;
  delete from queues.upload_problems where bucket = p_bucket and path = p_path;
end $$;
comment on function queues.abandon_upload(text, text) is 'An upload was moved away: its picture goes too.';
revoke all on function queues.abandon_upload(text, text) from public;
