begin;
select plan(5);

create function queues.test_effect(p_rows jsonb) returns void language plpgsql as 'begin end';
insert into queues.effects (key, position, function) values ('test', 1000, 'test_effect');
select pgmq.send('analytics', '1');
select claim_messages('analytics');
drop function queues.test_effect(jsonb);

-- For the worker PT404 is a misconfiguration: it gives its leases back and ends.
select throws_ok(
  $$select settle_messages('analytics', '{"acks": [[1, 1]], "effects": {"test": [], "enqueue": {"notifications": [1]}}}')$$,
  'PT404', 'effect `test`: there is no function `queues.test_effect(jsonb)` that returns void', 'the error names the row');
select is((select count(*) from pgmq.q_notifications), 0::bigint, 'nothing was applied');
select is_empty('table queues.failures', 'no failure was recorded');
select is(settle_messages('analytics', '{"releases": [[1, 1]]}') -> 'applied', 'true', 'the message can be released');

select settle_messages('analytics', '{"acks": [[1, 2]]}') from (select claim_messages('analytics')) c;
select is((select count(*) from pgmq.q_analytics), 0::bigint, 'and settled without the effect');

select * from finish();
rollback;
