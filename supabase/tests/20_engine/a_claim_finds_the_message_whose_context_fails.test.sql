begin;
select plan(12);

create function queues.test_hook(p_messages jsonb) returns jsonb language plpgsql as $$
begin
  update queues.settings set retention_days = 42 where queue = 'analytics';
  if p_messages @> '[{"message": "raise"}]' then
    raise sqlstate '22000' using message = 'no context today';
  elsif p_messages @> '[{"message": "large"}]' then
    return jsonb_build_object('text', repeat('x', 4 * 1024 * 1024));
  elsif p_messages @> '[{"message": "slow"}]' then
    -- What the statement timeout does.
    raise query_canceled using message = 'canceling statement due to statement timeout';
  elsif p_messages @> '[{"message": "locked"}]' then
    raise lock_not_available;
  end if;
  return '{}';
end $$;
update queues.settings set claim_hook = 'test_hook', retention_days = 7 where queue = 'analytics';

select pgmq.send('analytics', to_jsonb(message)) from unnest(array['raise', 'large', 'slow', 'healthy', 'locked']) message;

select throws_ok($$select claim_messages('analytics', 2)$$, '22000', 'no context today',
  'an error of the hook fails a claim of several messages');
select is((select max(read_ct) from pgmq.q_analytics), 0, 'which leases nothing');

create temp table alone on commit drop as select n, claim_messages('analytics', null, null, true)::jsonb as claim from generate_series(1, 4) n;
select results_eq(
  $$select claim #>> '{messages,0,message}', jsonb_array_length(claim -> 'messages') from alone order by n$$,
  $$values ('raise', 1), ('large', 1), ('slow', 1), ('healthy', 1)$$, 'claims of one message alone lease each');
select is((select claim -> 'context_error' from alone where n = 1), '{"code": "22000", "message": "no context today"}', 'with the error');
select is((select claim #>> '{context_error,code}' from alone where n = 2), '54000', 'a context of more than 4 MiB is an error');
select is((select claim #>> '{context_error,code}' from alone where n = 3), '57014', 'so is one that takes too long');
select ok((select bool_and(not claim ? 'context') from alone where n <= 3), 'and there is no context then');
select is((select claim -> 'context' from alone where n = 4), '{}', 'a healthy message has its context');
select ok(not (select claim ? 'context_error' from alone where n = 4), 'and no error');
select is((select read_ct from pgmq.q_analytics where message = '"raise"'), 1, 'the lease is kept');
select throws_ok($$select claim_messages('analytics', null, null, true)$$, 'PT409', null, 'a conflict is not an error of the message');

update queues.settings set retention_days = 7 where queue = 'analytics';
select pgmq.purge_queue('analytics');
select pgmq.send('analytics', '"raise"');
do $$ begin perform claim_messages('analytics', null, null, true); end $$;
select is((select retention_days from queues.settings where queue = 'analytics'), 7, 'what the hook did before its error is undone');

select * from finish();
rollback;
