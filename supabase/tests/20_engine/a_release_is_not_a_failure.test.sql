begin;
select plan(3);

select pgmq.send('analytics', '1');
select claim_messages('analytics');

select is(
  settle_messages('analytics', '{"releases": [[1, 1]]}'), '{"applied": true, "lost": [], "backlog": 1}',
  'a released message is visible at once');
select results_eq(
  'select failures, settlements, settled_read_ct, history from queues.failures',
  $$values (0, 1, 1, '[]'::jsonb)$$, 'it has no failure');
select is(
  claim_messages('analytics')::jsonb #> '{messages,0,failures}', '0', 'the next claim reports no failure');

select * from finish();
rollback;
