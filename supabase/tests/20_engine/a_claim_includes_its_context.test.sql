begin;
select plan(8);

create function queues.test_hook(p_messages jsonb) returns jsonb language plpgsql as $$
begin
  update queues.settings set retention_days = 42 where queue = 'analytics';
  if p_messages -> 0 -> 'message' = '"raise"' then
    raise exception 'no context today';
  end if;
  return jsonb_build_object('seen', (
    select jsonb_agg(jsonb_build_array(m -> 'msg_id', m -> 'read_ct', m -> 'message')) from jsonb_array_elements(p_messages) m));
end $$;
update queues.settings set claim_hook = 'test_hook', max_message_bytes = 30 where queue = 'analytics';

select ok(not claim_messages('analytics')::jsonb ? 'context', 'an empty claim has no context');

select pgmq.send('analytics', message) from unnest(array['{"n": 1}', '"a \" ] }"', to_jsonb(repeat('x', 100)), 'null']::jsonb[]) message;
select is(
  claim_messages('analytics')::jsonb -> 'context',
  '{"seen": [[1, 1, {"n": 1}], [2, 1, "a \" ] }"], [3, 1, null], [4, 1, null]]}',
  'the hook gets the leased messages, without withheld bodies');
select is((select retention_days from queues.settings where queue = 'analytics'), 42, 'what the hook writes is part of the claim');

select pgmq.purge_queue('analytics');
select pgmq.send('analytics', '"raise"');
update queues.settings set retention_days = 7 where queue = 'analytics';
select throws_ok($$select claim_messages('analytics')$$, 'P0001', 'no context today', 'an error of the hook fails the claim');
select results_eq(
  'select read_ct, vt <= clock_timestamp() from pgmq.q_analytics', 'values (0, true)', 'nothing was claimed');
select is((select retention_days from queues.settings where queue = 'analytics'), 7, 'nothing was changed');

select pgmq.send('like_events', '1');
select ok(not claim_messages('like_events')::jsonb ? 'context', 'other queues have no context');
drop function queues.test_hook(jsonb);
select throws_ok($$select claim_messages('analytics')$$, 'PT404',
  'claim_hook `analytics`: there is no function `queues.test_hook(jsonb)` that returns jsonb', 'a hook that was dropped is an error');

select * from finish();
rollback;
