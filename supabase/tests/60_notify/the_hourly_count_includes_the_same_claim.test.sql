begin;
select plan(4);

insert into profiles (id, push_token) values
  ('00000000-0000-4000-8000-0000000000a1', 'ana'), ('00000000-0000-4000-8000-0000000000a2', 'bob');
insert into notifications (recipient_id, type, data, actor_count) select id, 'new_like', '{}', n from profiles, generate_series(1, 20) n;
-- Per person and channel: deliveries claimed within the hour, and some that do not count.
insert into queues.notification_deliveries (notification_id, recipient_id, channel, status, reason, claimed_at)
select n.id, recipient_id, channel, status, 'r', clock_timestamp() - age
from notifications n
cross join unnest(array['push', 'email']) channel
join (values (11, 'sent', interval '50 minutes'), (12, 'sending', '1 minute'), (13, 'sent', '61 minutes'), (14, 'failed', '1 minute'),
  (15, 'skipped', '1 minute'), (16, 'pending', '1 minute')) s (n, status, age) on n.actor_count = s.n
where recipient_id::text like '%1';
insert into queues.notification_deliveries (notification_id, recipient_id, channel)
select n.id, recipient_id, channel from notifications n, unnest(array['push', 'email']) channel where actor_count <= 3;

create view pg_temp.counts as
select n.recipient_id::text ~ '1$' as is_ana, d.channel, c.d #> '{recipient,sent_last_hour}' as sent
from pgmq.q_deliveries q
join queues.notification_deliveries d on d.id = (q.message ->> 'delivery_id')::uuid
join public.notifications n on n.id = d.notification_id,
lateral (select current_setting('test.context')::jsonb #> array['deliveries', d.id::text] as d) c
where c.d is not null
order by q.msg_id;

select pgmq.send('deliveries', jsonb_build_object('v', 1, 'delivery_id', d.id))
from queues.notification_deliveries d join notifications n on n.id = notification_id where actor_count <= 3
order by actor_count, d.channel, d.recipient_id;
select set_config('test.context', claim_messages('deliveries')::json ->> 'context', true);
select results_eq(
  'select * from pg_temp.counts',
  $$select is_ana, channel, to_jsonb(n + case when is_ana then 2 else 0 end)
    from generate_series(0, 2) n, unnest(array['email', 'push']) channel, unnest(array[true, false]) is_ana
    order by n, channel, is_ana desc$$,
  'deliveries claimed within the hour, and earlier ones in this claim, of the same person and channel');

update pgmq.q_deliveries set vt = clock_timestamp(), read_ct = 0;
select set_config('test.context', claim_messages('deliveries')::json ->> 'context', true);
select is(
  (select array_agg(distinct sent) from pg_temp.counts where is_ana), '{2,3,4}', 'deliveries that are claimed again are not counted twice');

update queues.notification_deliveries set status = 'pending';
update pgmq.q_deliveries set vt = clock_timestamp(), read_ct = 0;
select set_config('test.context', claim_messages('deliveries')::json ->> 'context', true);
select is((select array_agg(distinct sent) from pg_temp.counts), '{0,1,2}', 'deferred deliveries do not count');

update queues.notification_deliveries set status = 'sent', settled_at = now();
update pgmq.q_deliveries set vt = clock_timestamp(), read_ct = 0;
select set_config('test.context', claim_messages('deliveries')::json ->> 'context', true);
select is((select array_agg(distinct sent) from pg_temp.counts), '{0}', 'a delivery that is already final has no count');

select * from finish();
rollback;
