begin;
select plan(10);

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

select pg_temp.notify(pg_temp.event(null, '9 minutes'), pg_temp.event(null, '8 minutes'));
select is((select count(*) from notifications), 1::bigint, 'twice in a batch makes one notification');
select is((select actor_count from notifications), 1, 'with an actor count of 1');
update notifications set read_at = now();
select pg_temp.notify(pg_temp.event(null, '7 minutes'), pg_temp.event(null, '6 minutes', '{"withdrawn": true, "group": "g"}'));
select is((select count(*) from notifications), 1::bigint, 'within the window it does not notify again, even if that was read');
update notifications set created_at = now() - interval '2 hours';
select pg_temp.notify(pg_temp.event(null, '0'));
select is((select count(*) from notifications), 2::bigint, 'after the window it does');

-- As the core tells of them.
select pg_temp.notify(pg_temp.event('anonymous:1', '9 minutes', '{"group": "a"}'), pg_temp.event('anonymous:2', '8 minutes', '{"group": "a"}'));
select is((select actor_count from notifications where group_key = 'a'), 2, 'anonymous actors count');
select pg_temp.notify(pg_temp.event('profile:b', '7 minutes', '{"group": "a", "actor_name": "bob"}'));
select is((select body from notifications where group_key = 'a'), 'bob and 2 others liked it', 'beside a named one');
select pg_temp.notify(pg_temp.event('profile:b', '6 minutes', '{"group": "a", "withdrawn": true}'));
select results_eq($$select body, actor_count, withdrawn_at is null from notifications where group_key = 'a'$$,
  $$values ('Someone and 1 other liked it', 2, true)$$, 'and stay when the named one leaves');

select pg_temp.notify(pg_temp.event('anonymous', '9 minutes', '{"group": "c"}'));
select pg_temp.notify(pg_temp.event('anonymous', '8 minutes', '{"group": "c", "withdrawn": true}'));
select isnt((select withdrawn_at from notifications where group_key = 'c'), null, 'the one author of a comment can leave');

update notifications set read_at = now();
select pg_temp.notify(pg_temp.event('anonymous:3', '0', '{"group": "a"}'));
select is((select count(*) from notifications where group_key = 'a'), 1::bigint, 'after it was read they do not notify again');
select pg_temp.notify(pg_temp.event('profile:c', '0', '{"group": "a", "actor_name": "cat"}'));
select results_eq($$select body from notifications where group_key = 'a' and read_at is null$$, $$values ('cat liked it')$$,
  'a named one does');

select * from finish();
rollback;
