-- Reading. It runs as the caller, so the policies of the table apply.

create function queues.cursor_of(p_at timestamptz, p_id uuid) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return format('%s.%s', (extract(epoch from p_at) * 1000000)::bigint, p_id);
end $$;
comment on function queues.cursor_of(timestamptz, uuid) is
  'The place of a row in a list: <microseconds since 1970>.<id>. Clients must not rely on the format.';
revoke all on function queues.cursor_of(timestamptz, uuid) from public;
grant execute on function queues.cursor_of(timestamptz, uuid) to anon, authenticated;

create function queues.read_cursor(p_field text, p_cursor text, out at timestamptz, out id uuid)
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_cursor constant text := '^(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$';
  v_parts text[] := regexp_match(p_cursor, c_cursor);
begin
  if p_cursor is not null and v_parts is null then
    raise sqlstate 'PT422' using
      message = format('`%s` is not a cursor', p_field),
      hint = 'pass the `next` of the previous page, or nothing for the first';
  end if;
  at := timestamptz '1970-01-01 00:00:00Z' + v_parts[1]::bigint * interval '1 microsecond';
  id := v_parts[2]::uuid;
end $$;
comment on function queues.read_cursor(text, text) is
  'The time and id of a cursor; null for none. Rejects what is not a cursor.';
revoke all on function queues.read_cursor(text, text) from public;
grant execute on function queues.read_cursor(text, text) to anon, authenticated;

create function queues.check_page(p_limit integer) returns void
language plpgsql
immutable
set search_path = ''
as $$
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise sqlstate 'PT422' using message = '`p_limit` is not between 1 and 100', hint = 'omit it for the default, 20';
  end if;
end $$;
comment on function queues.check_page(integer) is 'Rejects a length of a page that is out of range.';
revoke all on function queues.check_page(integer) from public;
grant execute on function queues.check_page(integer) to anon, authenticated;

create function queues.own_details(p_comment uuid) returns json
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select json_build_object(
      'reasons', c.reason_codes, 'note', c.note, 'by_moderator', c.was_decided_by_a_moderator,
      'may_appeal', c.status = 'rejected' and not exists (select from queues.appeals a where a.comment_id = c.id))
    from public.comments c
    where c.id = p_comment and c.author_id = queues.user_id());
end $$;
comment on function queues.own_details(uuid) is
  'What only the author is told of a comment: {reasons, note, by_moderator, may_appeal}. Null for everyone else.';
revoke all on function queues.own_details(uuid) from public;
grant execute on function queues.own_details(uuid) to anon, authenticated;

create function public.list_comments(
  p_post_id uuid, p_parent_id uuid default null, p_limit integer default 20, p_before text default null
) returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  v_person uuid := queues.user_id();
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.check_page(p_limit);
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_before', p_before) c;

  -- One more than asked for, to see whether there are more.
  select
    array_agg(json_build_object(
      'id', n.id, 'post_id', n.post_id, 'parent_id', n.parent_id, 'author_id', n.author_id, 'reply_to', n.reply_to,
      'body', n.body, 'status', n.status, 'created_at', n.created_at, 'edited_at', n.edited_at,
      'is_own', n.author_id is not distinct from v_person,
      'own', case when n.author_id = v_person then queues.own_details(n.id) end) order by n.created_at desc, n.id desc),
    array_agg(queues.cursor_of(n.created_at, n.id) order by n.created_at desc, n.id desc)
  into v_items, v_cursors
  from (
    select c.id, c.post_id, c.parent_id, c.author_id, c.reply_to, c.body, c.status, c.created_at, c.edited_at
    from public.comments c
    where coalesce(c.parent_id, c.post_id) = coalesce(p_parent_id, p_post_id) and c.post_id = p_post_id
      and (c.created_at, c.id) < (
        coalesce(v_at, 'infinity'), coalesce(v_id, uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      -- What else moderators may read is in their list of reviews.
      and (c.author_id = v_person or c.status = 'approved')
      and not queues.is_apart_from(c.author_id) and not queues.has_muted(c.author_id)
      -- Replies are hidden with the comment above them.
      and (p_parent_id is null or exists (select from public.comments t where t.id = p_parent_id))
    order by c.created_at desc, c.id desc
    limit p_limit + 1
  ) n;

  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $$;
comment on function public.list_comments(uuid, uuid, integer, text) is
  'The comments on a post, or the replies to a comment, latest first: {items, next}. Approved ones, and the caller''s '
  'own with their state; nobody''s whom the caller has muted, or has blocked or is blocked by. If next is not null there '
  'are more: pass it as p_before.';
revoke all on function public.list_comments(uuid, uuid, integer, text) from public, anon, authenticated, service_role;
grant execute on function public.list_comments(uuid, uuid, integer, text) to anon, authenticated;
