begin;
select plan(7);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

create function pg_temp.history(p_box text, p_msg_id bigint) returns text[] language sql as $$
  select array_agg(concat_ws(' ', h ->> 'event', h ->> 'code') order by n)
  from jsonb_array_elements(operator_page('message', jsonb_build_object('queue', 'analytics', 'box', p_box, 'msg_id', p_msg_id)) -> 'history') with ordinality e (h, n)
$$;
select pgmq.send('analytics', '{"event": 5}');
select queues.claim_messages('analytics', 1, null, false, false);
select queues.settle_messages('analytics', '{"retries": [{"msg_id": 1, "read_ct": 1, "code": "timeout", "error": "e", "delay_secs": 0}]}');
select is(pg_temp.history('queue', 1), '{sent,"failed timeout"}', 'a retry');
select queues.claim_messages('analytics', 1, null, false, false);
select queues.settle_messages('analytics', '{"dead_letters": [{"msg_id": 1, "read_ct": 2, "code": "invalid_field", "error": "e"}]}');
select is(pg_temp.history('dead_letters', 1), '{sent,"failed timeout","failed invalid_field","dead_lettered invalid_field"}', 'a dead letter');
select operate('redrive_edited', '{"queue": "analytics", "msg_id": 1, "message": {"event": "x"}}', false);
select is((pg_temp.history('queue', 2))[2:], '{"failed timeout","failed invalid_field","edited edited","redriven redriven"}', 'redriven with an edit');
select pgmq.send('analytics', '{}');
update pgmq.q_analytics set headers = '{"dropped": {"code": "gone", "error": "its account is gone"}}' where msg_id = 3;
select pgmq.archive('analytics', 3::bigint);
select is(pg_temp.history('archive', 3), '{sent,"dropped gone"}', 'one that was dropped');
select pgmq.archive('analytics', 2::bigint);
select is(pg_temp.history('archive', 2), '{sent,processed}', 'one that was processed');

-- The run of each, by which its lines in the log are found.
create function pg_temp.runs(p_box text, p_msg_id bigint) returns text[] language sql as $$
  select array_agg(concat_ws(' ', h ->> 'event', left(h ->> 'run_id', 1)) order by n)
  from jsonb_array_elements(operator_page('message', jsonb_build_object('queue', 'like_events', 'box', p_box, 'msg_id', p_msg_id)) -> 'history') with ordinality e (h, n)
$$;
create function pg_temp.settle(p_run text, p_outcome text) returns void language sql as $$
  select queues.claim_messages('like_events', 1, p_run::uuid, false, false);
  select queues.settle_messages('like_events', jsonb_build_object('run_id', p_run, 'seq', 1) || p_outcome::jsonb);
$$;
select pgmq.send('like_events', '{}');
select pg_temp.settle('a0000000-0000-4000-8000-000000000001', '{"retries": [{"msg_id": 1, "read_ct": 1, "code": "timeout", "error": "e", "delay_secs": 0}]}');
select pg_temp.settle('b0000000-0000-4000-8000-000000000001', '{"dead_letters": [{"msg_id": 1, "read_ct": 2, "code": "invalid_field", "error": "e"}]}');
select is(pg_temp.runs('dead_letters', 1), '{sent,"failed a","failed b","dead_lettered b"}', 'the runs of a dead letter');
delete from queues.settlements;
select pgmq.send('like_events', '{}');
select pg_temp.settle('c0000000-0000-4000-8000-000000000001', '{"acks": [[2, 1]]}');
select is(pg_temp.runs('archive', 2), '{sent,"processed c"}', 'and of a message that was processed');

select * from finish();
rollback;
