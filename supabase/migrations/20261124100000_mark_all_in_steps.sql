-- However many are unread, a call ends long before the API's time does. And none of its plans goes through the table: the index
-- gives the newest ones in their order, whether Postgres plans for the caller or for anybody.

create or replace function public.mark_all_notifications_read(p_until timestamptz default now()) returns integer
language plpgsql
security invoker
set search_path = ''
as $$
declare
  c_at_once constant integer := 10000;
  v_person uuid := auth.uid();
  v_until timestamptz := coalesce(p_until, now());
  v_ids uuid[];
  v_marked integer;
begin
  v_ids := array(
    select id from public.notifications
    where recipient_id = v_person and read_at is null and withdrawn_at is null and updated_at <= v_until
    order by updated_at desc limit c_at_once);
  -- In the order of the key, as all do who lock several.
  with unread as materialized (
    select n.id from unnest(v_ids) found (id)
    join public.notifications n on n.id = found.id
    where n.read_at is null and n.updated_at <= v_until
    order by n.id for no key update of n
  )
  update public.notifications n set read_at = now() from unread where n.id = unread.id;
  get diagnostics v_marked = row_count;
  return v_marked;
end $$;
comment on function public.mark_all_notifications_read(timestamptz) is
  'Marks what the caller was told until then as read, the newest 10000 of it, and answers how many notifications that were: '
  'after 10000 there may be more, for another call. Pass the updated_at of the newest one that was shown, so that none is '
  'marked unseen.';
