begin;
select plan(5);

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

select pg_temp.notify(pg_temp.event('session:1', '5 minutes', '{"withdrawn": true}'));
select pg_temp.notify(pg_temp.event('session:1', '6 minutes'));
select is((select count(*) from notifications), 0::bigint, 'an older like does not notify');
select is((select count(*) from pgmq.q_deliveries), 0::bigint, 'nothing is sent');
select pg_temp.notify(pg_temp.event('session:2', '5 minutes', '{"withdrawn": true}'), pg_temp.event('session:2', '6 minutes'));
select is((select count(*) from notifications), 0::bigint, 'the same holds within a batch');
select pg_temp.notify(pg_temp.event('session:1', '5 minutes'));
select is((select count(*) from notifications), 0::bigint, 'an event with the same time changes nothing');
select pg_temp.notify(pg_temp.event('session:1', '4 minutes'));
select is((select count(*) from notifications), 1::bigint, 'a later like notifies');

select * from finish();
rollback;
