-- Pictures that failed, with their reason, and where the upload is.

create function queues.images_page(p_arguments jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Rows that are read to fill a page.
  c_read constant integer := 20000;
  v_reason text := queues.text_argument(p_arguments, 'reason');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_images public.post_images[];
begin
  perform queues.check_keys('arguments', p_arguments, array['reason', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_images := array(
    select i
    from (
      select i from public.post_images i
      where v_before.id is null or (i.processed_at, i.id) < (v_before.at, v_before.id::uuid)
      order by i.processed_at desc nulls last, i.id desc limit c_read
    ) r
    where (i).status = 'failed' and (v_reason is null or (i).reason = v_reason)
    order by (i).processed_at desc, (i).id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'post_id', i.post_id, 'owner_id', i.owner_id, 'username', p.username, 'reason', i.reason, 'error', i.error,
        'created_at', i.created_at, 'processed_at', i.processed_at, 'size_bytes', i.size_bytes, 'format', i.format,
        'bucket', i.bucket, 'path', i.path, 'upload_removed_at', i.upload_removed_at) order by i.processed_at desc, i.id desc), '[]')
      from unnest(v_images[:v_limit]) i left join public.profiles p on p.id = i.owner_id),
    'health', (select to_jsonb(h) from queues.image_health() h),
    'next', case when cardinality(v_images) > v_limit then
      queues.place_of(v_images[v_limit].processed_at, v_images[v_limit].id::text) end);
end $$;
comment on function queues.images_page(jsonb) is
  'The pictures that failed, latest first, and the health of pictures: {items, health, next}. They are found among the 20000 '
  'that were processed before a place. Arguments: reason, limit, before.';
revoke all on function queues.images_page(jsonb) from public;
