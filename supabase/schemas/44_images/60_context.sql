-- What a worker needs to know to process uploads.

create function queues.image_context(p_messages jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_images uuid[] := queues.named_profiles(p_messages, 'image_id');
  v_removals uuid[] := queues.named_profiles(p_messages, 'removal_id');
begin
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object(
        'images_bucket', images_bucket, 'keeps_location', keeps_location, 'keeps_serial_number', keeps_serial_number,
        'reads_heic', reads_heic)
      from queues.image_settings),
    'images', (
      select coalesce(jsonb_object_agg(i.id, jsonb_build_object(
        'revision', i.revision, 'status', i.status, 'owner_id', i.owner_id, 'post_id', i.post_id,
        'bucket', i.bucket, 'path', i.path, 'size_bytes', i.size_bytes,
        'is_stored', queues.is_stored(i.bucket, i.path))), '{}')
      from public.post_images i where i.id = any(v_images)),
    'removals', (
      select coalesce(jsonb_object_agg(r.id, (
        select coalesce(jsonb_object_agg(o.bucket, o.paths), '{}')
        from (
          select bucket, jsonb_agg(distinct path order by path) as paths
          from (
            select * from jsonb_to_recordset(r.objects) as x (bucket text, path text)
            union all
            select * from queues.published_objects(r.owner_id, r.post_id, r.image_id)
          ) named
          group by bucket
        ) o)), '{}')
      from queues.image_removals r where r.id = any(v_removals)));
end $$;
comment on function queues.image_context(jsonb) is
  'The claim hook of the queue image_processing: returns the settings, the pictures that exist, and the objects to remove. '
  'Accepts any message.';
revoke all on function queues.image_context(jsonb) from public;
