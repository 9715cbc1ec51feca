-- Counts the rows that the calls read, by the statistics of Postgres.
begin;
select plan(10);

insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
-- 200 people with 100 notifications each, and one with 2,000; all unread, or all read.
insert into profiles (id) select md5(n::text)::uuid from generate_series(1, 200) n;
insert into notifications (recipient_id, type, data, updated_at, read_at)
select md5(n::text)::uuid, 'new_like', '{}', now() - make_interval(secs => i), case when n % 2 = 0 then now() end
from generate_series(1, 200) n, generate_series(1, 100) i;
insert into notifications (recipient_id, type, data, updated_at, read_at)
select '00000000-0000-4000-8000-00000000000a', 'new_like', '{}', now() - make_interval(secs => i), case when i > 1200 then now() end
from generate_series(1, 2000) i;
analyze notifications;

create function pg_temp.touched(p_call text) returns bigint[] language plpgsql as $$
declare
  v_before bigint[];
begin
  v_before := array[pg_stat_get_xact_tuples_returned('public.notifications'::regclass), pg_stat_get_xact_tuples_fetched('public.notifications'::regclass)];
  execute 'select ' || p_call;
  return array[pg_stat_get_xact_tuples_returned('public.notifications'::regclass) - v_before[1],
    pg_stat_get_xact_tuples_fetched('public.notifications'::regclass) - v_before[2]];
end $$;
create temp table touched (call text, scanned bigint, by_index bigint);
grant all on table touched to authenticated;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
insert into touched
select call, rows[1], rows[2]
from (values ('list_notifications()'), ('list_notifications(p_unread => true)'), ('unread_notifications()'), ('mark_all_notifications_read(now() - interval $$1190 seconds$$)'),
    ('mark_notifications_read(array(select id from notifications where recipient_id = auth.uid() order by updated_at desc limit 5))')) c (call),
  lateral (select pg_temp.touched(call) as rows) t;

select is(scanned, 0::bigint, format('%s reads no table as a whole', call)) from touched;
select cmp_ok(by_index, '<=', case call when 'list_notifications()' then 21 when 'unread_notifications()' then 1000 else 22 end::bigint,
  format('%s reads what it answers, of 22,000', call)) from touched;

select * from finish();
rollback;
