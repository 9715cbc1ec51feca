begin;
select plan(8);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');

create function pg_temp.event(p_actor text, p_at interval, p_more jsonb default '{}') returns jsonb language plpgsql as $$
begin
  return jsonb_build_object(
    'recipient_id', '00000000-0000-4000-8000-00000000000a', 'type', 'new_like', 'group', 'new_like:p',
    'since', now() - interval '1 hour', 'actor', p_actor, 'actor_name', null, 'at', now() - p_at, 'withdrawn', false,
    'title', 'New like', 'bodies', '["{name} liked it", "{name} and 1 other liked it", "{name} and {others} others liked it"]'::jsonb,
    'someone', 'Someone', 'url', '/posts/p', 'data', '{}'::jsonb,
    'deliveries', '[{"channel": "push", "device_id": null, "delay_secs": 0, "skipped": null}]'::jsonb) || p_more;
end $$;
create function pg_temp.notify(variadic p_events jsonb[]) returns void language plpgsql as $$
begin
  perform queues.notify(to_jsonb(p_events));
end $$;

insert into devices (id, profile_id, provider, token)
values ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-00000000000a', 'fcm', 't');
create function pg_temp.to(p_targets text) returns jsonb language plpgsql as $$
begin
  return jsonb_build_object('deliveries', p_targets::jsonb);
end $$;

select pg_temp.notify(pg_temp.event('session:1', '3 minutes', pg_temp.to('[
  {"channel": "push", "device_id": null, "delay_secs": 0, "skipped": "preference_off"},
  {"channel": "email", "device_id": null, "delay_secs": 600, "skipped": null}]')));
select results_eq('select channel, device_id, status, reason, settled_at from queues.notification_deliveries order by channel',
  $$values ('email', null::uuid, 'pending', null, null::timestamptz), ('push', null, 'skipped', 'preference_off', now())$$,
  'a skipped delivery is recorded with its reason');
select results_eq('select message from pgmq.q_deliveries',
  $$select jsonb_build_object('v', 1, 'delivery_id', id) from queues.notification_deliveries where channel = 'email'$$,
  'it has no message');
select ok((select vt > clock_timestamp() + interval '590 seconds' from pgmq.q_deliveries), 'an email has a delay');
select is((select count(*) from queues.dispatches where queue = 'deliveries'), 0::bigint, 'no worker is called for a delayed message');

select pg_temp.notify(pg_temp.event('session:2', '2 minutes', pg_temp.to('[
  {"channel": "push", "device_id": "00000000-0000-4000-8000-0000000000d1", "delay_secs": 0, "skipped": null},
  {"channel": "push", "device_id": null, "delay_secs": 0, "skipped": null},
  {"channel": "email", "device_id": null, "delay_secs": 600, "skipped": null}]')));
select results_eq('select channel, device_id is null, status from queues.notification_deliveries order by 1, 2',
  $$values ('email', true, 'pending'), ('push', false, 'pending'), ('push', true, 'skipped')$$,
  'an event that joins a notification adds only new targets');
select is((select count(*) from pgmq.q_deliveries), 2::bigint, 'with their messages');
select is((select count(*) from queues.dispatches where queue = 'deliveries'), 1::bigint, 'the worker is called at once for a push');

update queues.notification_deliveries set status = 'skipped', reason = case channel when 'push' then 'withdrawn' else 'is_read' end
where status = 'pending';
select pg_temp.notify(pg_temp.event('session:3', '1 minute', pg_temp.to('[
  {"channel": "push", "device_id": "00000000-0000-4000-8000-0000000000d1", "delay_secs": 0, "skipped": null},
  {"channel": "email", "device_id": null, "delay_secs": 600, "skipped": null}]')));
select results_eq('select channel, status, reason from queues.notification_deliveries where status = $$pending$$',
  $$values ('push', 'pending', null::text)$$, 'a delivery that was skipped as withdrawn is added again');

select * from finish();
rollback;
