begin;
select plan(9);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann');

create function pg_temp.likes(p_from integer, p_to integer) returns jsonb language plpgsql as $$
begin
  return (
    select jsonb_agg(jsonb_build_object(
      'recipient_id', '00000000-0000-4000-8000-00000000000a', 'type', 'new_like', 'group', 'new_like:p',
      'since', now() - interval '1 hour', 'actor', 'profile:' || md5(n::text)::uuid, 'actor_name', 'liker ' || n,
      'at', now() - make_interval(secs => 100 - n), 'withdrawn', false, 'title', 'New like',
      'bodies', '["{name} liked it", "{name} and 1 other liked it", "{name} and {others} others liked it"]'::jsonb,
      'someone', 'Someone', 'url', '/posts/' || n, 'data', jsonb_build_object('n', n),
      'deliveries', '[{"channel": "push", "device_id": null, "delay_secs": 0, "skipped": null}]'::jsonb))
    from generate_series(p_from, p_to) n);
end $$;

select queues.notify(pg_temp.likes(1, 1));
select is((select body from notifications), 'liker 1 liked it', 'one like shows the name');
select queues.notify(pg_temp.likes(2, 2));
select is((select body from notifications), 'liker 2 and 1 other liked it', 'two likes show the latest name');
select queues.notify(pg_temp.likes(21, 40));
select queues.notify(pg_temp.likes(3, 20));

select results_eq(
  'select body, actor_count, url, data, updated_at from notifications',
  $$values ('liker 40 and 39 others liked it', 40, '/posts/40', '{"n": 40}'::jsonb, now())$$,
  'forty likes share one notification with the text of the latest, in any order');
select is((select count(*) from queues.notification_actors where is_active), 40::bigint, 'each actor is recorded');
select is((select count(*) from queues.notification_deliveries), 1::bigint, 'there is one push');
select results_eq('select message from pgmq.q_deliveries',
  $$select jsonb_build_object('v', 1, 'delivery_id', id) from queues.notification_deliveries$$, 'with one message');

select queues.notify(pg_temp.likes(40, 40));
select is((select actor_count from notifications), 40, 'a repeated event changes nothing');

update notifications set read_at = now();
select queues.notify(jsonb_set(pg_temp.likes(41, 41), '{0,url}', '"/later"'));
select results_eq('select actor_count, url, read_at is null from notifications order by read_at nulls last',
  $$values (40, '/posts/40', false), (1, '/later', true)$$, 'once it was read, the next like makes a new notification');
select is((select count(*) from queues.notification_deliveries), 2::bigint, 'with its own push');

select * from finish();
rollback;
