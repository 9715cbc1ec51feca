begin;
select plan(8);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

select pgmq.send('analytics_dlq', jsonb_build_object('queue', 'analytics', 'msg_id', n, 'message', n, 'reason', 'x')) from generate_series(1, 4) n;
select is(operate('redrive', '{"queue": "analytics", "filter": {"msg_ids": [1, 2]}}', false) ->> 'affected', '2', 'one redrives');
select pg_temp.sign_in('a4');
select throws_like($$select operate('redrive', '{"queue": "analytics", "filter": {"msg_ids": [1]}}')$$, 'the dead letter is not there any more: redriven by olga at %', 'the other is told by whom');
select throws_like($$select operate('redrive_edited', '{"queue": "analytics", "msg_id": 2, "message": 1}', false)$$, 'the dead letter is not there any more: redriven by olga at %', 'also with an edit');
select is(operate('redrive', '{"queue": "analytics", "filter": {"msg_ids": [2, 3]}}', false) ->> 'affected', '1', 'what is left is redriven');
select pg_temp.sign_in('a3');
select throws_like($$select operate('discard', '{"queue": "analytics", "filter": {"msg_ids": [3]}}', false)$$, 'the dead letter is not there any more: redriven by otto at %', 'the latest is named');
select throws_ok($$select operate('discard', '{"queue": "analytics", "filter": {"msg_ids": [99]}}', false)$$, 'PT409', 'the dead letter is not there any more: it was redriven or discarded', 'nobody is named without proof');
select is(operate('redrive', '{"queue": "analytics", "filter": {"reason": "none"}}', false) ->> 'affected', '0', 'a filter that matches nothing is no conflict');
select is((select array_agg(affected order by id) from queues.operator_log), '{2,1,0}', 'what was refused is not in the log');

select * from finish();
rollback;
