begin;
select plan(2);

select pgmq.send('analytics', '1');
select claim_messages('analytics');
update pgmq.q_analytics set vt = clock_timestamp() - interval '1 hour';

select is(settle_messages('analytics', '{"acks": [[1, 1]]}') -> 'applied', 'true', 'a late worker may still settle');
select is((select count(*) from pgmq.a_analytics), 1::bigint, 'its message is acknowledged');

select * from finish();
rollback;
