-- Whoever uploaded a picture is told what became of it.

create function queues.broadcast_images(p_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is null then
    return;
  end if;
  perform realtime.send(
    jsonb_build_object(
      'id', id, 'post_id', post_id, 'path', path, 'status', status, 'reason', reason, 'error', error,
      'variants', case when status in ('held', 'ready') then variants end, 'width', width, 'height', height,
      'color', color, 'thumbhash', thumbhash),
    'image', 'notifications:' || owner_id, true)
  from public.post_images
  where id = any(p_ids)
  order by created_at, id;
exception
  when others then
    -- A broadcast is only a hint: apps read the rows later.
    raise warning 'pictures were not broadcast: %', sqlerrm;
end $$;
comment on function queues.broadcast_images(uuid[]) is
  'Broadcasts pictures to the apps of their owners, with their notifications, if the project has Realtime.';
revoke all on function queues.broadcast_images(uuid[]) from public;
