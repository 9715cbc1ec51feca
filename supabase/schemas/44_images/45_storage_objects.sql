-- What the database knows of Storage. A project may lack it: then nothing is known.

create function queues.published_objects(p_owner_id uuid, p_post_id uuid, p_image_id uuid)
returns table (bucket text, path text)
language plpgsql
stable
set search_path = ''
as $$
declare
  c_objects constant integer := 200;
begin
  -- Dynamic, so that the prefix can be used by the index on names.
  return query execute format($sql$
    select o.bucket_id::text, o.name::text from storage.objects o
    where o.bucket_id = (select images_bucket from queues.image_settings)
      and o.name like %L and o.name like %L
    order by o.name limit %s
    $sql$, format('%s/%s/%%', p_owner_id, p_post_id), format('%%/%s.%%', p_image_id), c_objects);
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return;
end $$;
comment on function queues.published_objects(uuid, uuid, uuid) is
  'The objects that workers have published for a picture, up to 200.';
revoke all on function queues.published_objects(uuid, uuid, uuid) from public;

create function queues.is_stored(p_bucket text, p_path text) returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return case when exists (select from storage.buckets b where b.id = p_bucket)
    then exists (select from storage.objects o where o.bucket_id = p_bucket and o.name = p_path) end;
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return null;
end $$;
comment on function queues.is_stored(text, text) is 'Whether Storage has an object; null if it is not known.';
revoke all on function queues.is_stored(text, text) from public;

create function queues.stored_bytes(p_bucket text, p_path text) returns bigint
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select (o.metadata ->> 'size')::bigint from storage.objects o
    where o.bucket_id = p_bucket and o.name = p_path and o.metadata ->> 'size' ~ '^\d{1,18}$');
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return null;
end $$;
comment on function queues.stored_bytes(text, text) is 'The size of an object in Storage; null if it is not known.';
revoke all on function queues.stored_bytes(text, text) from public;
