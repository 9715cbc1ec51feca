begin;
select plan(8);

create table pg_temp.told (place bigint generated always as identity, by text, what jsonb);
create function queues.test_hook(p_messages jsonb) returns void language plpgsql as $$
begin
  if p_messages @> '[{"message": "raise"}]' then raise exception 'no hook today'; end if;
  insert into pg_temp.told (by, what) values ('hook', p_messages);
end $$;
create function queues.test_effect(p_rows jsonb) returns void language plpgsql as
$$begin insert into pg_temp.told (by, what) values ('effect', p_rows); end$$;
insert into queues.effects (key, position, function) values ('test', 1000, 'test_effect');
update queues.settings set dead_letter_hook = 'test_hook', max_message_bytes = 30 where queue = 'analytics';

select pgmq.send('analytics', message) from unnest(array['{"n": 1}', '{"n": 2}', to_jsonb(repeat('x', 100)), '"raise"']::jsonb[]) message;
select claim_messages('analytics');

select settle_messages('analytics', '{"effects": {"test": []},
  "acks": [[1, 1]],
  "dead_letters": [
    {"msg_id": 3, "read_ct": 1, "code": "message_too_large", "error": "e"},
    {"msg_id": 2, "read_ct": 1, "code": "unknown_type", "error": "e"}]}');
select results_eq('select by from pg_temp.told order by place', $$values ('effect'), ('hook')$$,
  'the hook is called after the effects of the settlement');
select is(
  (select jsonb_agg(m order by m -> 'msg_id') from pg_temp.told, jsonb_array_elements(what) m where by = 'hook'),
  '[{"msg_id": 2, "message": {"n": 2}, "code": "unknown_type"}, {"msg_id": 3, "message": null, "code": "message_too_large"}]',
  'it gets the dead letters, without bodies that are withheld from workers');
select is((select count(*) from pgmq.q_analytics_dlq), 2::bigint, 'the messages are dead letters');

select throws_ok(
  $$select settle_messages('analytics', '{"dead_letters": [{"msg_id": 4, "read_ct": 1, "code": "c", "error": "e"}]}')$$,
  'P0001', 'no hook today', 'an error of the hook fails the settlement');
select is((select count(*) from pgmq.q_analytics_dlq), 2::bigint, 'nothing is dead-lettered');

delete from pg_temp.told;
update pgmq.q_analytics set message = '{"n": 4}', read_ct = 3, vt = clock_timestamp();
select claim_messages('analytics');
select results_eq('select by, what from pg_temp.told',
  $$values ('hook', '[{"msg_id": 4, "message": {"n": 4}, "code": "worker_crashed"}]'::jsonb)$$,
  'a claim that dead-letters a message calls the hook');

delete from pg_temp.told;
select pgmq.send('like_events', '1');
select claim_messages('like_events');
select settle_messages('like_events', '{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e"}]}');
select is_empty('table pg_temp.told', 'other queues have no hook');

select pgmq.send('analytics', '1');
select claim_messages('analytics');
drop function queues.test_hook(jsonb);
select throws_ok(
  $$select settle_messages('analytics', '{"dead_letters": [{"msg_id": 5, "read_ct": 1, "code": "c", "error": "e"}]}')$$,
  'PT404', 'dead_letter_hook `analytics`: there is no function `queues.test_hook(jsonb)` that returns void',
  'a hook that was dropped is an error');

select * from finish();
rollback;
