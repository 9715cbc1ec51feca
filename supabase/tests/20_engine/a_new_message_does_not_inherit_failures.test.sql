begin;
select plan(9);

create function pg_temp.fail_all() returns void language plpgsql as $$
begin
  perform pgmq.send('analytics', '1') from generate_series(1, 8);
  perform claim_messages('analytics');
  perform settle_messages('analytics', jsonb_build_object(
    'releases', '[[1, 1], [2, 1]]'::jsonb,
    'retries', (select jsonb_agg(jsonb_build_object('msg_id', id, 'read_ct', 1, 'delay_secs', 0, 'code', 'c', 'error', 'e',
      'delivered', '["k"]'::jsonb)) from generate_series(3, 8) id)));
end $$;
create function pg_temp.make_anew(p_how text) returns void language plpgsql as $$
begin
  case p_how
    when 'dropped' then
      perform pgmq.drop_queue('analytics');
      perform pgmq.create('analytics');
    else
      truncate pgmq.q_analytics restart identity;
  end case;
  perform pgmq.send('analytics', '1') from generate_series(1, 8);
end $$;

select pg_temp.fail_all();
select is((select count(*) from queues.failures), 8::bigint);
select pg_temp.make_anew('dropped');
select is((select jsonb_agg(m -> 'failures') from json_array_elements(claim_messages('analytics') -> 'messages') j, to_jsonb(j) m), '[0, 0, 0, 0, 0, 0, 0, 0]',
  'messages of a queue that was dropped and created again have not failed');
select is_empty('select from queues.failures', 'what was recorded of the earlier ones is removed');
select is(
  settle_messages('analytics', jsonb_build_object('acks', (select jsonb_agg(jsonb_build_array(id, 1)) from generate_series(1, 8) id))) -> 'applied',
  'true', 'none of them waits for its lease to end');

select pgmq.drop_queue('analytics');
select queues.create_queue('analytics');
select pg_temp.fail_all();
select pg_temp.make_anew('truncated');
select is((select jsonb_agg(distinct m -> 'delivered') from json_array_elements(claim_messages('analytics') -> 'messages') j, to_jsonb(j) m), '[null]',
  'nor has anything of them been delivered');

-- A redrive may get the id of an earlier message, too.
select settle_messages('analytics', '{"dead_letters": [{"msg_id": 1, "read_ct": 1, "code": "c", "error": "e"}]}');
insert into queues.failures (queue, msg_id, failures, settlements, settled_read_ct, first_failed_at, last_failed_at, last_code)
select 'analytics', id, 2, 2, 2, now(), now(), 'c' from generate_series(9, 20) id;
select is(queues.redrive('analytics') -> 'redriven', '1', 'a redrive replaces what is recorded under its id');
select is((select failures from queues.failures where msg_id = (select max(msg_id) from pgmq.q_analytics)), 0);

select pgmq.purge_queue('analytics');
select queues.daily();
select queues.cleanup_step();
select is_empty($$select from queues.failures where queue = 'analytics'$$, 'housekeeping removes what is recorded of messages that are gone');
select pgmq.drop_queue('like_events');
insert into queues.failures (queue, msg_id, settlements, settled_read_ct) values ('like_events', 1, 1, 1);
select queues.cleanup_step();
select is_empty($$select from queues.failures where queue = 'like_events'$$, 'also of a queue that was dropped');

select * from finish();
rollback;
