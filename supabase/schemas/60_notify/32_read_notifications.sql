-- Reading and marking notifications. Functions that read run as the caller, so the policies of the table apply; those
-- that mark are the only way to set read_at.

create function public.list_notifications(
  p_limit integer default 20, p_before text default null, p_unread boolean default false
) returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  -- <microseconds since 1970>.<id> of the last item. Clients must not rely on the format.
  c_cursor constant text := '^(\d{1,17})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$';
  v_person uuid := queues.signed_in();
  v_before text[];
  v_updated_at timestamptz := timestamptz 'infinity';
  v_id uuid := uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  v_page public.notifications[];
  v_items json[];
  v_cursors text[];
begin
  if p_limit is null or p_limit not between 1 and 100 then
    raise sqlstate 'PT422' using message = '`p_limit` is not between 1 and 100', hint = 'omit it for the default, 20';
  end if;
  if p_before is not null then
    v_before := regexp_match(p_before, c_cursor);
    if v_before is null then
      raise sqlstate 'PT422' using
        message = '`p_before` is not a cursor', hint = 'pass the `next` of the previous page, or nothing for the first';
    end if;
    v_updated_at := timestamptz '1970-01-01 00:00:00Z' + v_before[1]::bigint * interval '1 microsecond';
    v_id := v_before[2]::uuid;
  end if;

  -- One more than asked for, to see whether there are more. Two statements, because each has an index of its own.
  if p_unread then
    v_page := array(
      select n from public.notifications n
      where recipient_id = v_person and read_at is null and withdrawn_at is null
        and updated_at <= v_updated_at and (updated_at, id) < (v_updated_at, v_id)
      order by updated_at desc, id desc
      limit p_limit + 1);
  else
    v_page := array(
      select n from public.notifications n
      where recipient_id = v_person and withdrawn_at is null and (updated_at, id) < (v_updated_at, v_id)
      order by updated_at desc, id desc
      limit p_limit + 1);
  end if;

  select
    array_agg(json_build_object(
      'id', n.id, 'type', n.type, 'title', n.title, 'body', n.body, 'url', n.url, 'data', n.data,
      'actor_count', n.actor_count, 'is_read', n.read_at is not null, 'created_at', n.created_at,
      'updated_at', n.updated_at) order by n.updated_at desc, n.id desc),
    array_agg(format('%s.%s', (extract(epoch from n.updated_at) * 1000000)::bigint, n.id) order by n.updated_at desc, n.id desc)
  into v_items, v_cursors
  from unnest(v_page) n;

  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $$;
comment on function public.list_notifications(integer, text, boolean) is
  'The caller''s notifications, latest first, with p_unread only those: {items, next}. If next is not null there are '
  'more: pass it as p_before.';
revoke all on function public.list_notifications(integer, text, boolean) from public, anon, authenticated, service_role;
grant execute on function public.list_notifications(integer, text, boolean) to authenticated;

create function public.unread_notifications() returns integer
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
  c_countable constant integer := 1000;
  v_person uuid := queues.signed_in();
begin
  return (
    select count(*)::integer from (
      select from public.notifications
      where recipient_id = v_person and read_at is null and withdrawn_at is null
      limit c_countable
    ) counted);
end $$;
comment on function public.unread_notifications() is
  'The number of unread notifications of the caller; 1000 stands for 1000 or more.';
revoke all on function public.unread_notifications() from public, anon, authenticated, service_role;
grant execute on function public.unread_notifications() to authenticated;

create function queues.mark_notifications_read(p_ids uuid[]) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_person uuid := queues.signed_in();
  v_id uuid;
  v_marked integer := 0;
begin
  if p_ids is null or cardinality(p_ids) > 1000 then
    raise sqlstate 'PT422' using
      message = '`p_ids` is not an array of at most 1000 ids', hint = 'mark_all_notifications_read() marks all';
  end if;
  -- In the order of the ids, as settlements lock them. One at a time by the primary key: for an array, Postgres may prefer
  -- to scan all unread notifications.
  for v_id in select distinct id from unnest(p_ids) asked (id) order by id loop
    update public.notifications set read_at = now()
    where id = v_id and recipient_id = v_person and read_at is null and withdrawn_at is null;
    v_marked := v_marked + case when found then 1 else 0 end;
  end loop;
  return v_marked;
end $$;
comment on function queues.mark_notifications_read(uuid[]) is 'See public.mark_notifications_read, its only caller.';
revoke all on function queues.mark_notifications_read(uuid[]) from public;
grant execute on function queues.mark_notifications_read(uuid[]) to authenticated;

create function public.mark_notifications_read(p_ids uuid[]) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.mark_notifications_read(p_ids);
end $$;
comment on function public.mark_notifications_read(uuid[]) is
  'Marks notifications of the caller as read and returns how many were unread.';
revoke all on function public.mark_notifications_read(uuid[]) from public, anon, authenticated, service_role;
grant execute on function public.mark_notifications_read(uuid[]) to authenticated;

-- A call marks a bounded number, to end within the statement timeout of the API. Reading the array in the order of the
-- index keeps both custom and generic plans from scanning the table.
create function queues.mark_all_notifications_read(p_until timestamptz) returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_at_once constant integer := 10000;
  v_person uuid := queues.signed_in();
  -- Clients keep milliseconds of the times that they read, and must still mean the notification they read it from.
  v_before timestamptz := date_trunc('milliseconds', coalesce(p_until, now())) + interval '1 millisecond';
  v_ids uuid[];
  v_marked integer;
begin
  v_ids := array(
    select id from public.notifications
    where recipient_id = v_person and read_at is null and withdrawn_at is null and updated_at < v_before
    order by updated_at desc limit c_at_once);
  -- In the order of the ids, as settlements lock them.
  with unread as materialized (
    select n.id from unnest(v_ids) found (id)
    join public.notifications n on n.id = found.id
    where n.read_at is null and n.updated_at < v_before
    order by n.id for no key update of n
  )
  update public.notifications n set read_at = now() from unread where n.id = unread.id;
  get diagnostics v_marked = row_count;
  return v_marked;
end $$;
comment on function queues.mark_all_notifications_read(timestamptz) is
  'See public.mark_all_notifications_read, its only caller.';
revoke all on function queues.mark_all_notifications_read(timestamptz) from public;
grant execute on function queues.mark_all_notifications_read(timestamptz) to authenticated;

create function public.mark_all_notifications_read(p_until timestamptz default now()) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
begin
  return queues.mark_all_notifications_read(p_until);
end $$;
comment on function public.mark_all_notifications_read(timestamptz) is
  'Marks the caller''s notifications up to the millisecond of p_until as read, the newest 10000 of them, and returns how many were '
  'unread. After 10000, call it again. Pass the updated_at of the newest notification that was shown, so that none is '
  'marked unseen.';
revoke all on function public.mark_all_notifications_read(timestamptz) from public, anon, authenticated, service_role;
grant execute on function public.mark_all_notifications_read(timestamptz) to authenticated;
