begin;
select plan(3);

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

select pg_temp.notify(pg_temp.event('session:1', '-5 hours', jsonb_build_object('since', now() + interval '4 hours')));
select pg_temp.notify(pg_temp.event('session:2', '-6 hours', jsonb_build_object('since', now() + interval '5 hours')));
select is((select actor_count from notifications), 2, 'an event from the future joins the notification');
select is((select updated_at from notifications), now(), 'updated_at is not in the future');
select pg_temp.notify(pg_temp.event('session:1', '-5.5 hours', '{"withdrawn": true}'));
select is((select actor_count from notifications), 1, 'the order of events follows their own times');

select * from finish();
rollback;
