begin;
select plan(14);

select pgmq.send('analytics', jsonb_build_object('n', n, 'event', case when n <= 3 then 'bad' else 'good' end)) from generate_series(1, 6) n;
select pgmq.send('analytics', '{"n": 7, "event": "bad"}', 600);
-- One is in flight, one was retried, and one lease has expired.
update pgmq.q_analytics set read_ct = 1, vt = clock_timestamp() + interval '1 minute' where message -> 'n' in ('1', '2');
update pgmq.q_analytics set read_ct = 1, vt = clock_timestamp() - interval '1 second' where message -> 'n' = '3';
insert into queues.failures (
  queue, msg_id, failures, settlements, settled_read_ct, first_failed_at, last_failed_at, last_code, last_error, history)
select 'analytics', msg_id, 1, 1, 1, now(), now(), 'http_503', 'no', jsonb_build_array(queues.failure('http_503', 'no')) from pgmq.q_analytics where message -> 'n' = '2';

select is(queues.withdraw('analytics', '{"path": ["event"], "value": "bad"}', 1),
  '{"withdrawn": 1, "left": 2, "in_flight": 1}', 'one at most');
select is(queues.withdraw('analytics', '{"path": ["event"], "value": "bad"}'),
  '{"withdrawn": 2, "left": 0, "in_flight": 1}', 'what waits: retried, delayed, or with an expired lease');
select results_eq(
  $$select message -> 'n' from pgmq.q_analytics order by msg_id$$, $$values (jsonb '1'), ('4'), ('5'), ('6')$$,
  'what is in flight is left, and what does not match');
select results_eq(
  $$select message -> 'n', reason, error, (details ->> 'attempts')::integer from queues.dead_letters('analytics')$$,
  $$values (jsonb '2', 'withdrawn', 'an operator withdrew the message', 1), ('3', 'withdrawn', 'an operator withdrew the message', 0),
    ('7', 'withdrawn', 'an operator withdrew the message', 0)$$, 'nothing is lost: they are dead letters, with their tries');
select is((select details -> 'history' -> 0 ->> 'code' from queues.dead_letters('analytics', '{"path": ["n"], "value": 2}')), 'http_503',
  'and their history');
select is((select verdict from queues.health() where queue = 'analytics'), 'ok', 'a queue from which they were withdrawn is ok');
select is(queues.redrive('analytics', '{"reason": "withdrawn"}') ->> 'redriven', '3', 'and back');
select is(queues.withdraw('analytics', '{"path": ["n"], "value": 2}') ->> 'withdrawn', '1', 'what was redriven waits');
select is(queues.withdraw('analytics', '{"older_than_secs": 3600}') ->> 'withdrawn', '0', 'by age');
select is(queues.withdraw('analytics', '{"newer_than_secs": 3600}') ->> 'withdrawn', '5', 'all that is new');

select throws_ok($$select queues.withdraw('analytics', '{"reason": "x"}')$$, 'PT422', '`filter.reason` is not known');
select throws_ok($$select queues.withdraw('analytics', '{}', 10001)$$, 'PT422', '`p_limit` is not between 1 and 10000');
select throws_ok($$select queues.withdraw('nobody')$$, 'PT404', 'there is no queue `nobody`');
set role authenticated;
select throws_ok($$select queues.withdraw('analytics')$$, '42501', 'permission denied for function withdraw');

select * from finish();
rollback;
