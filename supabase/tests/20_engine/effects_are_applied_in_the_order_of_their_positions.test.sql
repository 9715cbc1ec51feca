-- Two effects that a feature might add, with a table and functions of their own.
begin;
select plan(10);

create table pg_temp.applied (place bigint generated always as identity, effect text, row jsonb);
create function queues.test_early(p_rows jsonb) returns void language plpgsql as $$
begin
  perform queues.check_rows('effects.early', p_rows, array['n']);
  insert into pg_temp.applied (effect, row) select 'early', value from jsonb_array_elements(p_rows);
end $$;
create function queues.test_late(p_rows jsonb) returns void language plpgsql as $$
begin
  insert into pg_temp.applied (effect, row) select 'late', value from jsonb_array_elements(p_rows);
  if p_rows @> '[{"fails": true}]' then raise exception 'no effect today'; end if;
end $$;
insert into queues.effects (key, position, function) values ('late', 1002, 'test_late'), ('early', 1001, 'test_early');

select pgmq.send('analytics', '1') from generate_series(1, 3);
select claim_messages('analytics');

-- jsonb sorts the shorter key first.
select is(
  settle_messages('analytics', '{"acks": [[1, 1]], "effects": {"late": [{"n": 2}], "early": [{"n": 1}, {"n": 3}]}}') -> 'applied',
  'true', 'a settlement may name an effect as soon as it is registered');
select results_eq('select effect, row from pg_temp.applied order by place',
  $$values ('early', '{"n": 1}'::jsonb), ('early', '{"n": 3}'), ('late', '{"n": 2}')$$,
  'each function gets its rows, in the order of the positions');

update queues.effects set position = 1003 where key = 'early';
delete from pg_temp.applied;
select settle_messages('analytics', '{"acks": [[2, 1]], "effects": {"early": [{"n": 1}], "late": [{"n": 2}]}}');
select results_eq('select effect from pg_temp.applied order by place', $$values ('late'), ('early')$$,
  'only the positions decide');

delete from pg_temp.applied;
select throws_ok(
  $$select settle_messages('analytics', '{"acks": [[3, 1]], "effects": {"early": [{"n": 1}], "late": [{"fails": true}],
    "enqueue": {"notifications": [1]}}}')$$,
  'P0001', 'no effect today', 'an error of an effect fails the settlement');
select is_empty('table pg_temp.applied', 'no effect is applied');
select is((select count(*) from pgmq.q_notifications), 0::bigint, 'not even earlier ones');
select is((select read_ct from pgmq.q_analytics), 1, 'the message is still leased');

select throws_ok(
  $$select settle_messages('analytics', '{"acks": [[3, 1]], "effects": {"early": [{"m": 1}]}}')$$,
  'PT422', '`effects.early[0].m` is not known', 'an effect checks its own rows');
delete from queues.effects where key = 'early';
select throws_ok(
  $$select settle_messages('analytics', '{"acks": [[3, 1]], "effects": {"early": [{"n": 1}]}}')$$,
  'PT422', '`effects.early` is not known', 'an unregistered key is rejected');
select is(settle_messages('analytics', '{"acks": [[3, 1]]}') -> 'applied', 'true', 'the message can be settled afterwards');

select * from finish();
rollback;
