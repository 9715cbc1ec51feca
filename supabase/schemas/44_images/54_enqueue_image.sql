-- The way in where Storage does not report uploads.

create function queues.enqueue_image(p_path text, p_bucket text, p_size_bytes bigint) returns json
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_image public.post_images;
  v_refused json;
begin
  if p_path is null or length(p_path) not between 1 and 1024 then
    perform queues.reject('p_path', 'does not have 1 to 1024 characters', 'where the upload is: <owner>/<post>/<name>');
  end if;
  -- The service may do this for anybody, as often as it likes.
  if auth.role() is distinct from 'service_role' then
    if split_part(p_path, '/', 1) <> queues.person()::text then
      raise sqlstate 'PT403' using
        message = 'the upload is not in a folder of yours',
        hint = 'upload to `${user.id}/${post.id}/photo.jpg`';
    end if;
    v_refused := queues.charge_person('image', queues.person());
    if v_refused is not null then
      return v_refused;
    end if;
  end if;
  v_image := queues.add_upload(coalesce(p_bucket, queues.uploads_bucket()), p_path, p_size_bytes);
  return json_build_object('success', true, 'image_id', v_image.id, 'status', v_image.status);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('image_processing', 'send');
    return null;
end $$;
comment on function queues.enqueue_image(text, text, bigint) is 'See public.enqueue_image, its only caller.';
revoke all on function queues.enqueue_image(text, text, bigint) from public;
grant execute on function queues.enqueue_image(text, text, bigint) to authenticated, service_role;

create function public.enqueue_image(p_path text, p_bucket text default null, p_size_bytes bigint default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.enqueue_image(p_path, p_bucket, p_size_bytes);
end $$;
comment on function public.enqueue_image(text, text, bigint) is
  'Has an upload of the caller processed, where Storage does not report it by itself, or has it processed again. Returns '
  '{success, image_id, status}, or 429 if that is too often.';
revoke all on function public.enqueue_image(text, text, bigint) from public, anon, authenticated, service_role;
grant execute on function public.enqueue_image(text, text, bigint) to authenticated, service_role;
