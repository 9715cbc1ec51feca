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

select pg_temp.notify(pg_temp.event('session:1', '9 minutes'), pg_temp.event('session:2', '8 minutes'));
select pg_temp.notify(pg_temp.event('session:2', '7 minutes', '{"withdrawn": true, "url": "/elsewhere"}'));
select results_eq('select body, actor_count, url, updated_at, withdrawn_at is null from notifications',
  $$values ('Someone liked it', 1, '/posts/p', now(), true)$$,
  'an unlike removes the actor from the text and keeps the position');

select pg_temp.notify(pg_temp.event('session:1', '6 minutes', '{"withdrawn": true}'));
select results_eq('select body, actor_count, withdrawn_at from notifications', $$values ('Someone liked it', 0, now())$$,
  'the unlike of the last actor withdraws the notification');
select is((select status from queues.notification_deliveries), 'pending',
  'its deliveries stay pending: the worker sees that it was withdrawn');
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is_empty('select * from notifications', 'the recipient no longer sees it');
reset role;

select pg_temp.notify(pg_temp.event('session:3', '5 minutes'));
select results_eq('select body, actor_count, withdrawn_at is null from notifications', $$values ('Someone liked it', 1, true)$$,
  'the next like restores it');

update notifications set read_at = now();
select pg_temp.notify(pg_temp.event('session:3', '4 minutes', '{"withdrawn": true}'));
select results_eq('select body, actor_count, withdrawn_at is null from notifications', $$values ('Someone liked it', 1, true)$$,
  'a notification that was read stays as it is');
select is((select count(*) from queues.notification_actors where is_active), 0::bigint, 'even without actors');
select pg_temp.notify(pg_temp.event('session:4', '3 minutes', '{"withdrawn": true}'));
select is((select count(*) from notifications), 1::bigint, 'an unlike alone does not notify');

select * from finish();
rollback;
