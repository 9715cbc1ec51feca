begin;
select plan(3);

select throws_ok($$select claim_messages('nothing')$$, 'PT404', 'there is no queue `nothing`');
select throws_ok($$select claim_messages(null)$$, 'PT404');
select throws_ok($$select settle_messages('nothing', '{}')$$, 'PT404', 'there is no queue `nothing`');

select * from finish();
rollback;
