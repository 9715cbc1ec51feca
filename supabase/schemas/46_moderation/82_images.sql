-- Pictures that are held back until somebody has looked at them. queues.image_settings.hold_function says which.

create function queues.hold_for_moderator(p_image jsonb) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.reviews (image_id) values ((p_image ->> 'image_id')::uuid) on conflict do nothing;
  return true;
end $$;
comment on function queues.hold_for_moderator(jsonb) is
  'For queues.image_settings.hold_function: every picture waits for a moderator.';
revoke all on function queues.hold_for_moderator(jsonb) from public;

create function queues.image_evidence(p_image_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select json_build_object(
      'image', json_build_object(
        'id', i.id, 'status', i.status, 'variants', i.variants, 'thumbhash', i.thumbhash, 'created_at', i.created_at,
        'owner', queues.person_evidence(i.owner_id)),
      'post', json_build_object('id', i.post_id, 'caption', (select caption from queues.post_details(i.post_id))))
    from public.post_images i where i.id = p_image_id);
end $$;
comment on function queues.image_evidence(uuid) is 'What a moderator is to know of a picture: {image, post}.';
revoke all on function queues.image_evidence(uuid) from public;

create function queues.decide_image(p_image_id uuid, p_decision text, p_actor uuid, p_note text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_image public.post_images;
begin
  select * into v_image from public.post_images where id = p_image_id for no key update;
  if v_image.status is null or v_image.status not in ('held', 'ready') then
    return false;
  end if;
  if p_decision = 'flagged' then
    insert into queues.reviews (image_id) values (p_image_id) on conflict do nothing;
  else
    delete from queues.reviews where image_id = p_image_id;
  end if;
  if p_decision = 'approved' then
    update public.post_images set status = 'ready' where id = p_image_id;
  elsif p_decision = 'rejected' then
    perform queues.record_failure(v_image, 'rejected', coalesce(p_note, 'a moderator has decided against this picture'));
  end if;
  insert into queues.moderation_log (action, actor_id, person_id, post_id, note)
  values (p_decision, p_actor, v_image.owner_id, v_image.post_id, p_note);
  perform queues.broadcast_images(array[p_image_id]);
  return true;
end $$;
comment on function queues.decide_image(uuid, text, uuid, text) is
  'A verdict about a picture that has been processed: approved (published), flagged (waits for a moderator) or rejected (its '
  'variants are removed). The actor is null for a machine. Returns whether there was such a picture.';
revoke all on function queues.decide_image(uuid, text, uuid, text) from public;

create function queues.moderate_image(p_image_id uuid, p_decision text, p_note text) returns json
language plpgsql
set search_path = ''
as $$
declare
  v_moderator uuid := queues.moderator();
begin
  if length(p_note) > 500 then
    return queues.refuse_comment('invalid_note', 'The note must have at most 500 characters.');
  end if;
  if exists (select from public.post_images where id = p_image_id and owner_id = v_moderator) then
    return queues.refuse_comment('own_image', 'Another moderator must decide about your own picture.');
  end if;
  if not queues.decide_image(p_image_id, p_decision, v_moderator, p_note) then
    return queues.refuse_comment('image_not_found', 'This picture does not exist any more, or has not been processed.');
  end if;
  return json_build_object('success', true, 'status', p_decision);
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict('image_processing', 'decide');
    return null;
end $$;
comment on function queues.moderate_image(uuid, text, text) is 'The decision of the calling moderator about a picture.';
revoke all on function queues.moderate_image(uuid, text, text) from public;

create function queues.approve_image(p_image_id uuid, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.moderate_image(p_image_id, 'approved', p_note);
end $$;
comment on function queues.approve_image(uuid, text) is 'See public.approve_image, its only caller.';
revoke all on function queues.approve_image(uuid, text) from public;
grant execute on function queues.approve_image(uuid, text) to authenticated;

create function public.approve_image(p_image_id uuid, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.approve_image(p_image_id, p_note);
end $$;
comment on function public.approve_image(uuid, text) is
  'For moderators: publishes a picture that was held back. The note is for the log.';
revoke all on function public.approve_image(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.approve_image(uuid, text) to authenticated;

create function queues.reject_image(p_image_id uuid, p_note text) returns json
language plpgsql
security definer
set search_path = ''
as $$
begin
  return queues.moderate_image(p_image_id, 'rejected', p_note);
end $$;
comment on function queues.reject_image(uuid, text) is 'See public.reject_image, its only caller.';
revoke all on function queues.reject_image(uuid, text) from public;
grant execute on function queues.reject_image(uuid, text) to authenticated;

create function public.reject_image(p_image_id uuid, p_note text default null) returns json
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.reject_image(p_image_id, p_note);
end $$;
comment on function public.reject_image(uuid, text) is
  'For moderators: takes a picture down, held back or published, and tells its owner the note.';
revoke all on function public.reject_image(uuid, text) from public, anon, authenticated, service_role;
grant execute on function public.reject_image(uuid, text) to authenticated;
