begin;
select plan(7);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'), ('00000000-0000-4000-8000-00000000000b', 'bob');

create function pg_temp.event(p_actor text, p_at interval, p_more jsonb default '{}') returns jsonb language plpgsql as $$
begin
  return jsonb_build_object(
    'recipient_id', '00000000-0000-4000-8000-00000000000a', 'type', 'new_like', 'group', 'new_like:p',
    'since', now() - interval '1 hour', 'actor', p_actor, 'actor_profile_id', null, 'at', now() - p_at, 'withdrawn', false,
    'title', 'New like', 'bodies', '["{name} liked it", "{name} and 1 other liked it", "{name} and {others} others liked it"]'::jsonb,
    'someone', 'Someone', 'url', '/posts/p', 'data', '{}'::jsonb,
    'deliveries', '[{"channel": "push", "device_id": null, "delay_secs": 0, "skipped": null}]'::jsonb) || p_more;
end $$;
create function pg_temp.notify(variadic p_events jsonb[]) returns void language plpgsql as $$
begin
  perform queues.notify(to_jsonb(p_events));
end $$;

create function pg_temp.told(p_username text) returns text language plpgsql as $$
begin
  update profiles set username = p_username where id = '00000000-0000-4000-8000-00000000000b';
  perform pg_temp.notify(pg_temp.event('profile:b', '1 minute', jsonb_build_object(
    'group', p_username, 'actor_profile_id', '00000000-0000-4000-8000-00000000000b')));
  return (select body from notifications where group_key = p_username);
end $$;

select is(pg_temp.told('{others}{name}'), '{others}{name} liked it', 'braces are kept as text');
select is(pg_temp.told('<b>&amp;"'), '<b>&amp;" liked it', 'markup is kept as text');
select is(pg_temp.told(E'a\u202eb\u0007c\nd\u200b'), 'abcd liked it', 'control characters and those that change the text direction are removed');
select is(pg_temp.told(repeat('n', 100)), repeat('n', 40) || ' liked it', 'a long name is cut');
select is(pg_temp.told(E' \t\u200b '), 'Someone liked it', 'an invisible name is no name');
select is(pg_temp.told(E'\\1 $1 %s'), E'\\1 $1 %s liked it', 'placeholders in a name are not replaced');
select pg_temp.notify(pg_temp.event('session:secret', '0', '{"group": "s", "actor_profile_id": "00000000-0000-4000-8000-00000000000c"}'));
select is((select to_jsonb(n)::text from notifications n where group_key = 's') ~ 'secret', false,
  'session ids are not shown');

select * from finish();
rollback;
