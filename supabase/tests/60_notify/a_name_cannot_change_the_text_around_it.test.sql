begin;
select plan(6);

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

create function pg_temp.told(p_name text) returns text language plpgsql as $$
begin
  perform pg_temp.notify(pg_temp.event('profile:b', '1 minute', jsonb_build_object('group', p_name, 'actor_name', p_name)));
  return (select body from notifications where group_key = p_name);
end $$;

select is(pg_temp.told('{others}{name}'), '{others}{name} liked it', 'braces are kept as text');
select is(pg_temp.told('<b>&amp;"'), '<b>&amp;" liked it', 'markup is kept as text');
select is(pg_temp.told(E'\\1 $1 %s'), E'\\1 $1 %s liked it', 'placeholders in a name are not replaced');
select pg_temp.notify(pg_temp.event('session:secret', '0', '{"group": "s"}'));
select is((select to_jsonb(n)::text from notifications n where group_key = 's') ~ 'secret', false,
  'session ids are not shown');
select is((select body from notifications where group_key = 's'), 'Someone liked it', 'without a name it was someone');

select pg_temp.notify(pg_temp.event('session:secret', '1 minute', '{"group": "p", "actor_name": "ann"}'));
select pg_temp.notify(pg_temp.event('session:other', '0', '{"group": "p", "actor_name": "bob"}'),
  pg_temp.event('session:other', '-1 second', '{"group": "p", "withdrawn": true}'));
select is((select body from notifications where group_key = 'p'), 'ann liked it', 'the name of who remains is shown again');

select * from finish();
rollback;
