begin;
select plan(8);

create function pg_temp.claimed(p_run integer, p_needs_place boolean) returns integer language sql as
$$select json_array_length(
  claim_messages('analytics', 1, ('00000000-0000-4000-8000-' || lpad(p_run::text, 12, '0'))::uuid, false, p_needs_place)
  -> 'messages')$$;

select pgmq.send('analytics', to_jsonb(n)) from generate_series(1, 9) n;
update queues.settings set max_workers = 2 where queue = 'analytics';
select is(pg_temp.claimed(1, true) + pg_temp.claimed(2, true), 2, 'runs begin while there are places');
select is(pg_temp.claimed(3, true), 0, 'one more gets no messages');
select is((select count(*)::integer from queues.runs), 2, 'and is not an active run');
select is(pg_temp.claimed(1, true), 1, 'a run that has begun continues');
select is(pg_temp.claimed(4, false), 1, 'a run that somebody waits for needs no place');
update queues.runs set last_seen_at = clock_timestamp() - interval '16 seconds';
select is(pg_temp.claimed(3, true), 1, 'the places of workers that are gone are free');
select settle_messages('analytics', jsonb_build_object(
  'run_id', '00000000-0000-4000-8000-000000000005', 'seq', 1, 'stopped_because', 'empty'));
select is((select finished_at is not null from queues.runs where id = '00000000-0000-4000-8000-000000000005'), true,
  'a run that got no place records its end');
select is(queues.active_workers('analytics'), 1, 'and does not count');

select * from finish();
rollback;
