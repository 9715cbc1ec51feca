-- The effect `post_images`: what became of uploads.

create function queues.is_held(p_image public.post_images) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_function text := (select hold_function from queues.image_settings);
  v_is_held boolean;
begin
  if v_function is null then
    return false;
  end if;
  execute format('select %s($1)', queues.registered_function('hold', 'hold_function', v_function))
    into v_is_held using jsonb_build_object(
      'image_id', p_image.id, 'post_id', p_image.post_id, 'owner_id', p_image.owner_id, 'variants', p_image.variants);
  return coalesce(v_is_held, true);
end $$;
comment on function queues.is_held(public.post_images) is
  'Whether a picture is held back until somebody decides about it: what the function of the settings says.';
revoke all on function queues.is_held(public.post_images) from public;

create function queues.record_picture(p_image public.post_images, p_picture jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_removes_uploads boolean := (select removes_uploads from queues.image_settings);
  v_image public.post_images := p_image;
  v_removal queues.image_removals;
begin
  v_image.variants := p_picture -> 'variants';
  v_image.status := case when queues.is_held(v_image) then 'held' else 'ready' end;
  update public.post_images set
    status = v_image.status, reason = null, error = null, variants = v_image.variants,
    width = (p_picture ->> 'width')::integer, height = (p_picture ->> 'height')::integer, color = p_picture ->> 'color',
    thumbhash = p_picture ->> 'thumbhash', format = p_picture ->> 'format',
    exif = (p_picture -> 'exif') - array['location', 'serial_number'], processed_at = clock_timestamp()
  where id = p_image.id;

  delete from public.post_image_secrets where image_id = p_image.id;
  insert into public.post_image_secrets (image_id, location, serial_number)
  select p_image.id, p_picture #> '{exif,location}', p_picture #>> '{exif,serial_number}'
  where p_picture -> 'exif' ?| array['location', 'serial_number'];

  v_removal.objects := queues.variant_objects(coalesce(p_image.variants, '[]'));
  if v_removes_uploads and p_image.upload_removed_at is null then
    v_removal.objects := v_removal.objects || jsonb_build_object('bucket', p_image.bucket, 'path', p_image.path);
  end if;
  perform queues.remove_objects(v_removal, 0);
end $$;
comment on function queues.record_picture(public.post_images, jsonb) is
  'Records the variants of an upload, and has those of an earlier one removed; the upload too, if the settings say so.';
revoke all on function queues.record_picture(public.post_images, jsonb) from public;

create function queues.record_failure(p_image public.post_images, p_reason text, p_error text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_removal queues.image_removals;
begin
  update public.post_images set
    status = 'failed', reason = p_reason, error = left(p_error, 500), processed_at = clock_timestamp(),
    variants = null, width = null, height = null, color = null, thumbhash = null, format = null, exif = null
  where id = p_image.id;
  delete from public.post_image_secrets where image_id = p_image.id;
  v_removal.objects := queues.variant_objects(coalesce(p_image.variants, '[]'));
  perform queues.remove_objects(v_removal, 0);
end $$;
comment on function queues.record_failure(public.post_images, text, text) is
  'Records why an upload has no variants, and has those of an earlier one removed.';
revoke all on function queues.record_failure(public.post_images, text, text) from public;

create function queues.apply_post_images(p_results jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_result record;
  v_image public.post_images;
  v_removal queues.image_removals;
  v_changed uuid[] := array[]::uuid[];
begin
  perform queues.check_items('effects.post_images', p_results, jsonb_build_object(
    'image_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,9}$',
    'picture', '^(\{|null$)',
    'reason', '^("|null$)',
    'error', '^("|null$)'));

  for v_result in
    select * from jsonb_to_recordset(p_results) as r (image_id uuid, revision integer, picture jsonb, reason text, error text)
    order by image_id, revision
  loop
    select * into v_image from public.post_images where id = v_result.image_id for no key update;
    if not found or v_image.revision <> v_result.revision or v_image.status in ('held', 'ready') then
      -- The picture is gone, or another upload has taken its place: nobody needs what was published for this one. A result
      -- that is there already has the same paths.
      if v_result.picture is not null and (v_image.id is null or v_image.revision <> v_result.revision) then
        v_removal.objects := queues.variant_objects(v_result.picture -> 'variants');
        perform queues.remove_objects(v_removal, 0);
      end if;
    elsif v_result.picture is not null then
      perform queues.record_picture(v_image, v_result.picture);
      v_changed := v_changed || v_image.id;
    else
      perform queues.record_failure(v_image, v_result.reason, v_result.error);
      v_changed := v_changed || v_image.id;
    end if;
  end loop;
  perform queues.broadcast_images(v_changed);
end $$;
comment on function queues.apply_post_images(jsonb) is
  'Records the variants of uploads, or why they have none, for the upload that was processed.';
revoke all on function queues.apply_post_images(jsonb) from public;

create function queues.fail_images(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'image_id');
  v_image public.post_images;
begin
  for v_image in
    select i.* from public.post_images i
    where i.id = any(v_ids) and i.status = 'pending'
    order by i.id for no key update
  loop
    -- A dead letter about an earlier upload says nothing about this one.
    continue when not p_messages @> jsonb_build_array(
      jsonb_build_object('message', jsonb_build_object('image_id', v_image.id, 'revision', v_image.revision)));
    perform queues.record_failure(v_image, m ->> 'code', 'the picture could not be processed; please upload it again later')
    from jsonb_array_elements(p_messages) m
    where m #>> '{message,image_id}' = v_image.id::text limit 1;
    perform queues.broadcast_images(array[v_image.id]);
  end loop;
end $$;
comment on function queues.fail_images(jsonb) is
  'The dead-letter hook of the queue image_processing: pictures of which the effects say nothing have failed too, as those '
  'that kill their workers.';
revoke all on function queues.fail_images(jsonb) from public;
