-- The trigger on storage.objects. Storage fires it twice for each change, the first time in a check of permissions that is
-- rolled back with all that it did.

create function queues.note_storage_change() returns trigger
language plpgsql
security definer
set search_path = ''
-- An upload must not wait for long.
set lock_timeout = '2s'
as $$
declare
  v_uploads text := (select uploads_bucket from queues.image_settings);
  v_old jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  v_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  v_was_upload boolean := coalesce(v_old ->> 'bucket_id' = v_uploads, false);
  v_is_upload boolean := coalesce(v_new ->> 'bucket_id' = v_uploads, false);
  v_size_bytes bigint := case when v_new #>> '{metadata,size}' ~ '^\d{1,18}$' then (v_new #>> '{metadata,size}')::bigint end;
begin
  if v_was_upload and not v_is_upload then
    if tg_op = 'DELETE' then
      perform queues.forget_upload(v_old ->> 'bucket_id', v_old ->> 'name');
    else
      perform queues.abandon_upload(v_old ->> 'bucket_id', v_old ->> 'name');
    end if;
  elsif v_was_upload and v_old ->> 'name' <> v_new ->> 'name' then
    perform queues.move_upload(v_uploads, v_old ->> 'name', v_uploads, v_new ->> 'name', v_size_bytes);
  elsif v_was_upload and v_is_upload
    and v_old -> 'version' is not distinct from v_new -> 'version'
    and v_old #> '{metadata,eTag}' is not distinct from v_new #> '{metadata,eTag}' then
    -- Only when it was last read, or what the app says about it.
    return null;
  elsif v_is_upload then
    perform queues.add_upload(v_uploads, v_new ->> 'name', v_size_bytes);
  end if;
  return null;
exception
  -- An error would fail the upload.
  when query_canceled or others then
    perform queues.record_upload_problem(
      coalesce(v_new ->> 'bucket_id', v_old ->> 'bucket_id'), coalesce(v_new ->> 'name', v_old ->> 'name'), sqlstate, sqlerrm);
    return null;
end $$;
comment on function queues.note_storage_change() is
  'Has uploads processed as they arrive, are replaced, moved or removed. An error is recorded and fails no upload.';
revoke all on function queues.note_storage_change() from public;

create function queues.uploads_bucket() returns text
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select uploads_bucket from queues.image_settings);
end $$;
comment on function queues.uploads_bucket() is 'The bucket that people upload to, for policies on storage.objects.';
revoke all on function queues.uploads_bucket() from public;
grant execute on function queues.uploads_bucket() to authenticated;

create function queues.watch_storage() returns void
language plpgsql
set search_path = ''
as $$
begin
  create or replace trigger queues_note_upload after insert or update or delete on storage.objects
    for each row execute function queues.note_storage_change();
  if exists (
    select from pg_catalog.pg_policy
    where polrelid = 'storage.objects'::regclass and polname = 'people upload their own pictures'
  ) then
    return;
  end if;
  create policy "people upload their own pictures" on storage.objects for insert to authenticated
    with check (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people replace and move their own uploads" on storage.objects for update to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'))
    with check (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people read their own uploads" on storage.objects for select to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
  create policy "people remove their own uploads" on storage.objects for delete to authenticated
    using (bucket_id = (select queues.uploads_bucket()) and split_part(name, '/', 1) = ((select auth.jwt()) ->> 'sub'));
end $$;
comment on function queues.watch_storage() is
  'Creates the trigger on storage.objects, and the policies by which people may upload to folders of their own.';
revoke all on function queues.watch_storage() from public;

-- A project may lack Storage: its migration calls queues.watch_uploads.
select queues.watch_storage();

create function queues.watch_uploads() returns text
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.image_settings;
begin
  select * into v_settings from queues.image_settings;
  if to_regclass('storage.objects') is null or to_regclass('storage.buckets') is null then
    raise notice 'Storage is missing: uploads come by enqueue_image';
    return 'Storage is missing';
  end if;
  insert into storage.buckets (id, name, public, file_size_limit)
  values (v_settings.uploads_bucket, v_settings.uploads_bucket, false, 20000000)
  on conflict do nothing;
  insert into storage.buckets (id, name, public)
  values (v_settings.images_bucket, v_settings.images_bucket, true)
  on conflict do nothing;
  if (select public from storage.buckets where id = v_settings.uploads_bucket) then
    raise warning 'the bucket `%` is public: everybody can read uploads, with the places where they were taken',
      v_settings.uploads_bucket
      using hint = 'make it private, or name another bucket in queues.image_settings';
  end if;
  perform queues.watch_storage();
  return 'uploads are watched';
exception
  when others then
    raise warning 'uploads are not watched: %', sqlerrm
      using hint = 'select queues.watch_uploads() as a role that may create triggers and policies on storage.objects';
    return sqlerrm;
end $$;
comment on function queues.watch_uploads() is
  'Creates the buckets, the trigger and the policies for uploads, as far as they are missing. Repeat it after Storage was '
  'added, or other buckets were named in queues.image_settings. Returns what it did, or the problem. Never raises.';
revoke all on function queues.watch_uploads() from public;
