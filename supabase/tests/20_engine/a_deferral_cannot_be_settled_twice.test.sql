begin;
select plan(6);

select pgmq.send('analytics', '1');
select claim_messages('analytics');
create temp table deferral as select
  '{"deferrals": [{"msg_id": 1, "read_ct": 1, "delay_secs": 60, "code": "quiet_hours", "error": "at night"}]}'::jsonb as settlement,
  jsonb_build_object('run_id', '00000000-0000-4000-8000-000000000001', 'seq', 1) as number;

select is(settle_messages('analytics', settlement || number) -> 'applied', 'true', 'the lease ends') from deferral;
select is(settle_messages('analytics', settlement || number) -> 'applied', 'true', 'its repetition is answered') from deferral;
select is((select deferred from queues.runs), 1::bigint, 'the deferral is recorded once');
select is(
  settle_messages('analytics', settlement), '{"applied": false, "lost": [1], "backlog": 0}',
  'whoever still believes to hold the lease has lost it') from deferral;
select is(settle_messages('analytics', '{"acks": [[1, 1]]}') -> 'lost', '[1]', 'no other outcome is accepted for the lease');
select is((select settlements from queues.failures), 1, 'nothing was changed');

select * from finish();
rollback;
