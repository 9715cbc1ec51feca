begin;
select plan(6);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'), ('00000000-0000-4000-8000-00000000000b', 'bob');

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

select pg_temp.notify(pg_temp.event('session:1', '2 minutes'),
  pg_temp.event('session:1', '1 minute', '{"recipient_id": "00000000-0000-4000-8000-00000000000b"}'));
select set_eq(
  'select topic, event, private, payload from realtime.messages',
  $$select 'notifications:' || recipient_id as topic, 'notification' as event, true as private, jsonb_build_object('id', id, 'type', type, 'title', title,
      'body', body, 'url', url, 'actor_count', 1, 'is_withdrawn', false, 'updated_at', updated_at) as payload from notifications$$,
  'each notification is broadcast on the topic of its recipient');
select pg_temp.notify(pg_temp.event('session:1', '0', '{"withdrawn": true}'));
select is((select count(*) from realtime.messages where payload @> '{"is_withdrawn": true}'), 1::bigint, 'a withdrawal is broadcast too');

create function pg_temp.heard(p_person text, p_topic text) returns bigint language plpgsql as $$
begin
  perform set_config('request.jwt.claims', format('{"sub": "00000000-0000-4000-8000-00000000000%s"}', p_person), true);
  perform set_config('realtime.topic', format('notifications:00000000-0000-4000-8000-00000000000%s', p_topic), true);
  return (select count(*) from realtime.messages where topic = realtime.topic());
end $$;
set local role authenticated;
select is(pg_temp.heard('a', 'a'), 2::bigint, 'one person receives their own');
select is(pg_temp.heard('b', 'b'), 1::bigint, 'another person receives theirs');
select is(pg_temp.heard('a', 'b'), 0::bigint, 'nobody receives those of others');
set local role anon;
select is(pg_temp.heard('a', 'a'), 0::bigint, 'without signing in nothing is received');
reset role;

select * from finish();
rollback;
