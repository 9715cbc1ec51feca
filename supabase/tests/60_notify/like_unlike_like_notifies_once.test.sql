begin;
select plan(9);

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

select pg_temp.notify(pg_temp.event('session:1', '9 minutes'));
select pg_temp.notify(pg_temp.event('session:1', '8 minutes', '{"withdrawn": true}'));
select pg_temp.notify(pg_temp.event('session:1', '7 minutes'));
select is((select count(*) from notifications), 1::bigint, 'three settlements make one notification');
select is((select actor_count from notifications where withdrawn_at is null), 1, 'it is not withdrawn');
select is((select count(*) from pgmq.q_deliveries), 1::bigint, 'with one push');

update notifications set read_at = now();
select pg_temp.notify(pg_temp.event('session:1', '6 minutes', '{"withdrawn": true}'));
select pg_temp.notify(pg_temp.event('session:1', '5 minutes'));
select is((select count(*) from notifications), 1::bigint, 'also if it was read in between');
select is((select count(*) from pgmq.q_deliveries), 1::bigint, 'still with one push');

select pg_temp.notify(pg_temp.event('session:2', '4 minutes'));
select pg_temp.notify(pg_temp.event('session:1', '3 minutes', '{"withdrawn": true}'));
select pg_temp.notify(pg_temp.event('session:1', '2 minutes'));
select results_eq('select actor_count from notifications order by read_at nulls last', $$values (1), (1)$$,
  'a later like of somebody else does not mention the first actor again');

select pg_temp.notify(
  pg_temp.event('session:1', '9 minutes', '{"group": "g"}'), pg_temp.event('session:1', '8 minutes', '{"group": "g", "withdrawn": true}'));
select is((select count(*) from notifications where group_key = 'g'), 0::bigint, 'a like that is taken back within a batch does not notify');
select pg_temp.notify(pg_temp.event('session:1', '7 minutes', '{"group": "g"}'));
select is((select count(*) from notifications where group_key = 'g'), 1::bigint, 'a later like does');

update notifications set created_at = now() - interval '2 hours', read_at = now() where group_key = 'g';
select pg_temp.notify(pg_temp.event('session:1', '0', '{"group": "g"}'));
select is((select count(*) from notifications where group_key = 'g'), 2::bigint, 'after the window it notifies again');

select * from finish();
rollback;
