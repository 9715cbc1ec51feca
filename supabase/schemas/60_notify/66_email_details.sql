-- What emails show beside the notification: as it is when they are sent.

create function queues.are_posts_public() returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from pg_catalog.pg_class c
    where c.oid = 'public.posts_new'::regclass
      and (not c.relrowsecurity
        or exists (
            select from pg_catalog.pg_policy p
            where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
              and p.polroles && array[0, 'anon'::regrole::oid] and pg_catalog.pg_get_expr(p.polqual, c.oid) = 'true')
          and not exists (
            select from pg_catalog.pg_policy p
            where p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*'))));
end $$;
comment on function queues.are_posts_public() is
  'Whether everybody may read every post. Where an app has another policy, only it knows who may read which.';
revoke all on function queues.are_posts_public() from public;

create function queues.email_details(p_data jsonb, p_recipient_id uuid) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_uuid constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  v_post_id uuid := case when p_data ->> 'post_id' ~ c_uuid then (p_data ->> 'post_id')::uuid end;
  v_comment_id uuid := case when p_data ->> 'comment_id' ~ c_uuid then (p_data ->> 'comment_id')::uuid end;
  v_post record;
  v_photo jsonb;
begin
  select owner_id, caption into v_post from queues.post_details(v_post_id);
  -- Whoever was only mentioned may not see the post.
  if v_post.owner_id is not null and (
    v_post.owner_id = p_recipient_id
    or queues.are_posts_public()
    or exists (select from public.comments c where c.post_id = v_post_id and c.author_id = p_recipient_id)
  ) then
    select jsonb_build_object('bucket', v -> 'bucket', 'path', v -> 'path', 'width', v -> 'width', 'height', v -> 'height')
    into v_photo
    from public.post_images i cross join lateral jsonb_array_elements(i.variants) v
    where i.post_id = v_post_id and i.owner_id = v_post.owner_id and i.status = 'ready' and v ->> 'name' = 'medium'
    order by i.created_at limit 1;
  else
    v_post.caption := null;
  end if;
  return jsonb_build_object(
    'post_id', v_post_id,
    'caption', v_post.caption,
    'photo', v_photo,
    'may_appeal', exists (
      select from public.comments c
      where c.id = v_comment_id and c.author_id = p_recipient_id and c.status = 'rejected'
        and not exists (select from queues.appeals a where a.comment_id = c.id)));
exception
  when undefined_table or undefined_column or undefined_function or datatype_mismatch then
    -- An app may change its tables: emails go out, with what the notification itself says.
    raise warning 'an email shows no photo: %', sqlerrm;
    return jsonb_build_object('post_id', v_post_id, 'caption', null, 'photo', null, 'may_appeal', false);
end $$;
comment on function queues.email_details(jsonb, uuid) is
  'What an email shows of the post and the comment that the data of a notification name: {post_id, caption, photo, '
  'may_appeal}. The picture is {bucket, path, width, height} of its medium variant, if it is published.';
revoke all on function queues.email_details(jsonb, uuid) from public;
