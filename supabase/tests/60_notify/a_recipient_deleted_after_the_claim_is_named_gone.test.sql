begin;
select plan(6);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'), ('00000000-0000-4000-8000-00000000000b', 'bob'), ('00000000-0000-4000-8000-00000000000c', 'eve');
select pgmq.send('notifications', '{}') from generate_series(1, 3);
select count(*) from claim_messages('notifications');

create function pg_temp.settle(p_recipients text) returns jsonb language sql as
$$select settle_messages('notifications', jsonb_build_object(
  'run_id', '00000000-0000-4000-8000-0000000000f1', 'seq', 1, 'acks', '[[1, 1], [2, 1], [3, 1]]'::jsonb,
  'effects', jsonb_build_object('notifications', (
    select jsonb_agg(jsonb_build_object(
      'recipient_id', '00000000-0000-4000-8000-00000000000' || r, 'type', 'new_like', 'group', 'new_like:p',
      'since', now() - interval '1 hour', 'actor', 'session:1', 'at', now(), 'withdrawn', w, 'title', 'New like',
      'bodies', '["{name} liked it"]'::jsonb, 'someone', 'Someone', 'data', '{}'::jsonb,
      'deliveries', '[{"channel": "push", "device_id": null, "delay_secs": 0, "skipped": null}]'::jsonb))
    from regexp_split_to_table(p_recipients, '') r, (values (false), (true)) w (w)))))$$;

delete from profiles where username in ('ann', 'eve');
select is(
  pg_temp.settle('abc'),
  '{"applied": false, "lost": [], "backlog": 0, "gone": ["00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000c"]}',
  'all of them are named at once');
select results_eq('select count(*) from pgmq.q_notifications where vt > clock_timestamp()', 'values (3::bigint)', 'the messages keep their leases');
select is((select count(*) from notifications), 0::bigint, 'nothing is applied');
select is((select count(*) from queues.runs where settled_seq > 0), 0::bigint, 'and the number may be used again');
select is(pg_temp.settle('b') -> 'applied', 'true', 'the neighbours are settled under the same number');
select lives_ok($$select queues.notify('[]')$$, 'nobody to notify');

select * from finish();
rollback;
