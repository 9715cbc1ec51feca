-- Objects in Storage that are to be removed. Storage refuses to have them deleted by SQL: a worker asks its API.

create table queues.image_removals (
  id uuid primary key default gen_random_uuid(),
  objects jsonb not null,
  owner_id uuid,
  post_id uuid,
  image_id uuid,
  rounds integer not null default 0,
  requested_at timestamptz not null default clock_timestamp(),

  constraint objects_are_a_bounded_list check (jsonb_typeof(objects) = 'array' and jsonb_array_length(objects) <= 100),
  constraint rounds_are_bounded check (rounds between 0 and 100),
  constraint a_picture_has_its_place check (image_id is null or owner_id is not null and post_id is not null)
);
create index image_removals_requested_at_idx on queues.image_removals (requested_at);
comment on table queues.image_removals is 'Objects to remove from Storage. Each has a message in the queue image_processing.';
comment on column queues.image_removals.objects is '[{bucket, path}]';
comment on column queues.image_removals.image_id is
  'Also everything that workers have published for this picture, as far as the database can see it.';
revoke all on table queues.image_removals from public, anon, authenticated, service_role;

create function queues.variant_objects(p_variants jsonb) returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('bucket', v -> 'bucket', 'path', v -> 'path')), '[]')
    from jsonb_array_elements(p_variants) v);
end $$;
comment on function queues.variant_objects(jsonb) is 'Where variants are: [{bucket, path}].';
revoke all on function queues.variant_objects(jsonb) from public;

create function queues.remove_objects(p_removal queues.image_removals, p_delay_secs integer) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := gen_random_uuid();
begin
  if p_removal.objects = '[]' and p_removal.image_id is null then
    return;
  end if;
  insert into queues.image_removals (id, objects, owner_id, post_id, image_id)
  values (v_id, p_removal.objects, p_removal.owner_id, p_removal.post_id, p_removal.image_id);
  perform pgmq.send('image_processing', jsonb_build_object('v', 1, 'removal_id', v_id), p_delay_secs);
  if p_delay_secs = 0 then
    perform queues.wake('image_processing');
  end if;
end $$;
comment on function queues.remove_objects(queues.image_removals, integer) is 'Has objects removed from Storage.';
revoke all on function queues.remove_objects(queues.image_removals, integer) from public;

create function queues.remove_images() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_image public.post_images;
  v_removal queues.image_removals;
begin
  for v_image in select * from gone order by id loop
    v_removal.objects := queues.variant_objects(coalesce(v_image.variants, '[]'));
    if v_image.upload_removed_at is null then
      v_removal.objects := v_removal.objects || jsonb_build_object('bucket', v_image.bucket, 'path', v_image.path);
    end if;
    perform queues.remove_objects(v_removal, 0);
    if v_image.status in ('pending', 'failed') then
      -- A worker may be publishing it now, and crash before it learns that the picture is gone.
      perform queues.remove_objects(
        (null, '[]', v_image.owner_id, v_image.post_id, v_image.id, null, null)::queues.image_removals,
        2 * visibility_timeout_secs)
      from queues.settings where queue = 'image_processing';
    end if;
  end loop;
  return null;
end $$;
comment on function queues.remove_images() is 'Has the objects of pictures removed whose rows are deleted, as with their post or owner.';
revoke all on function queues.remove_images() from public;

create trigger remove_images after delete on public.post_images
  referencing old table as gone
  for each statement execute function queues.remove_images();

create function queues.settle_image_removals(p_removals jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_left uuid[];
begin
  perform queues.check_items('effects.image_removals', p_removals, jsonb_build_object('removal_id', '^"[0-9a-f-]{36}"$'));
  v_ids := array(select (r ->> 'removal_id')::uuid from jsonb_array_elements(p_removals) r);
  perform from queues.image_removals where id = any(v_ids) order by id for update;

  -- A claim names a bounded number of objects. Rounds are bounded too, in case Storage does not do as it says.
  with again as (
    update queues.image_removals r set rounds = rounds + 1
    where r.id = any(v_ids) and r.rounds < 100 and r.image_id is not null
      and exists (select from queues.published_objects(r.owner_id, r.post_id, r.image_id))
    returning r.id
  )
  select coalesce(array_agg(id), '{}') into v_left from again;
  perform pgmq.send('image_processing', jsonb_build_object('v', 1, 'removal_id', id)) from unnest(v_left) id;
  delete from queues.image_removals where id = any(v_ids) and id <> all(v_left);
end $$;
comment on function queues.settle_image_removals(jsonb) is
  'The effect image_removals: objects have been removed. Goes on if there are more.';
revoke all on function queues.settle_image_removals(jsonb) from public;
