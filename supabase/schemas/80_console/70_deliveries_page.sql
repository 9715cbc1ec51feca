-- What became of pushes and emails.

create function queues.deliveries_page(p_arguments jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Rows that are read to fill a page, and notifications of a person.
  c_read constant integer := 20000;
  c_notifications constant integer := 1000;
  v_person uuid := queues.id_argument(p_arguments, 'person_id');
  v_provider text := queues.text_argument(p_arguments, 'provider');
  v_status text := queues.text_argument(p_arguments, 'status', '^(pending|sending|sent|skipped|failed)$');
  v_channel text := queues.text_argument(p_arguments, 'channel', '^(push|email)$');
  v_reason text := queues.text_argument(p_arguments, 'reason');
  v_correlation_id text := queues.text_argument(p_arguments, 'correlation_id', '^[0-9a-f-]{32,36}$');
  v_limit integer := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  v_before record;
  v_read bigint;
  v_last text;
  v_rows queues.notification_deliveries[];
begin
  perform queues.check_keys('arguments', p_arguments,
    array['person_id', 'provider', 'status', 'channel', 'reason', 'correlation_id', 'limit', 'before']);
  select * into v_before from queues.place_argument(p_arguments, 'before', '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}');
  v_before.at := coalesce(v_before.at, 'infinity');
  v_before.id := coalesce(v_before.id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');

  with read as materialized (
    (select d from queues.notification_deliveries d
     where v_person is null and (d.created_at, d.id) < (v_before.at, v_before.id::uuid)
     order by d.created_at desc, d.id desc limit c_read)
    union all
    -- The ledger has no index on the person; notifications have.
    (select d
     from (select n.id from public.notifications n where n.recipient_id = v_person order by n.created_at desc limit c_notifications) n
     join queues.notification_deliveries d on d.notification_id = n.id
     where (d.created_at, d.id) < (v_before.at, v_before.id::uuid))
  ), found as (
    select d from read
    where (v_provider is null or (d).provider = v_provider) and (v_status is null or (d).status = v_status)
      and (v_channel is null or (d).channel = v_channel) and (v_reason is null or starts_with((d).reason, v_reason))
      and (v_correlation_id is null or exists (
        select from public.notifications n
        where n.id = (d).notification_id and n.data #>> '{metadata,correlation_id}' = v_correlation_id))
    order by (d).created_at desc, (d).id desc limit v_limit + 1
  )
  select array(select d from found), (select count(*) from read),
    (select queues.place_of((d).created_at, (d).id::text) from read order by (d).created_at, (d).id limit 1)
  into v_rows, v_read, v_last;

  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(d) || jsonb_build_object(
        'username', p.username, 'type', n.type, 'title', n.title, 'correlation_id', n.data #> '{metadata,correlation_id}') order by d.created_at desc, d.id desc), '[]')
      from unnest(v_rows[:v_limit]) d
      left join public.profiles p on p.id = d.recipient_id left join public.notifications n on n.id = d.notification_id),
    'next', case
      when cardinality(v_rows) > v_limit then queues.place_of(v_rows[v_limit].created_at, v_rows[v_limit].id::text)
      when v_read = c_read then v_last end,
    'read', v_read);
end $$;
comment on function queues.deliveries_page(jsonb) is
  'The ledger of deliveries, latest first: {items, next, read}. A page may have few items and a next one: 20000 rows were read '
  'for it. Arguments: person_id (their last 1000 notifications), provider, status, channel, reason (how it begins), correlation_id, '
  'limit, before.';
revoke all on function queues.deliveries_page(jsonb) from public;
