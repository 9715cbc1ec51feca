begin;
select plan(10);

set local role anon;
select throws_ok($$select claim_messages('analytics')$$, '42501');
select throws_ok($$select settle_messages('analytics', '{}')$$, '42501');
-- Clients have USAGE on the schema because of toggle_post_like, and may call nothing else in it.
select throws_ok($$select queues.claim_messages('analytics', 1, null, false, false)$$, '42501');
select throws_ok($$select queues.settle_messages('analytics', '{}')$$, '42501');

set local role authenticated;
select throws_ok($$select claim_messages('analytics')$$, '42501');
select throws_ok($$select settle_messages('analytics', '{}')$$, '42501');
select throws_ok($$select queues.claim_messages('analytics', 1, null, false, false)$$, '42501');
select throws_ok($$select queues.settle_messages('analytics', '{}')$$, '42501');

set local role service_role;
select lives_ok($$select claim_messages('analytics')$$);
select lives_ok($$select settle_messages('analytics', '{}')$$);

select * from finish();
rollback;
