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

select throws_ok($$select pg_temp.notify(pg_temp.event('session:1', '0', '{"recipient_id": "00000000-0000-4000-8000-00000000000f"}'))$$,
  'QGONE', 'of the accounts, 1 no longer exist', 'an unknown recipient');
select throws_ok($$select pg_temp.notify(pg_temp.event('session:1', '0', '{"type": "New Like"}'))$$, '23514', null, 'an invalid type');
select throws_ok($$select pg_temp.notify(pg_temp.event('session:1', '0', '{"bodies": []}'))$$, '23514', null, 'no title and bodies');
select throws_ok($$select pg_temp.notify(pg_temp.event('session:1', '0', '{"at": null}'))$$, '23502', null, 'no time');
select throws_ok(
  $$select pg_temp.notify(pg_temp.event('session:1', '0', '{"deliveries": [{"channel": "pigeon"}]}'))$$, '23514', null, 'an unknown channel');

select * from finish();
rollback;
