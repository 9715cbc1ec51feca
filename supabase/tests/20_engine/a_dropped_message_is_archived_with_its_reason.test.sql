begin;
select plan(8);

select pgmq.send('analytics', to_jsonb(n), case n when 2 then '{"by": "app"}'::jsonb end) from generate_series(1, 3) n;
select claim_messages('analytics', null, '00000000-0000-4000-8000-00000000000a');
select is(settle_messages('analytics', '{"run_id": "00000000-0000-4000-8000-00000000000a", "seq": 1, "acks": [[1, 1]], "drops": [
  {"msg_id": 2, "read_ct": 1, "code": "recipient_gone", "error": "its recipient no longer exists"},
  {"msg_id": 3, "read_ct": 1, "code": "recipient_gone", "error": "e"}]}') -> 'applied', 'true', 'drops are settled with their neighbours');
select results_eq('select msg_id, headers from pgmq.a_analytics order by msg_id',
  $$values (1::bigint, null::jsonb),
    (2, '{"by": "app", "dropped": {"code": "recipient_gone", "error": "its recipient no longer exists"}}'),
    (3, '{"dropped": {"code": "recipient_gone", "error": "e"}}')$$, 'the archive has their reasons');
select is((select processed from queues.runs), 3::bigint, 'they count as processed');
select is_empty('select from pgmq.q_analytics_dlq', 'and are no dead letters');

update queues.settings set retention_days = null where queue = 'analytics';
select pgmq.send('analytics', '4');
select claim_messages('analytics');
select is(settle_messages('analytics', '{"drops": [{"msg_id": 4, "read_ct": 1, "code": "c", "error": "e"}]}') -> 'applied', 'true');
select is_empty('select from pgmq.q_analytics', 'without a retention they are deleted');
select pgmq.send('analytics', '5');
select is(settle_messages('analytics', '{"drops": [{"msg_id": 5, "read_ct": 1, "code": "c", "error": "e"}]}'),
  '{"applied": false, "lost": [5], "backlog": 1}', 'a lease that is lost is not dropped');
select throws_ok($$select settle_messages('analytics', '{"drops": [{"msg_id": 5, "read_ct": 1, "code": "c"}]}')$$, 'PT422',
  '`drops[0].error` is missing or has a wrong type', 'a reason is needed');

select * from finish();
rollback;
