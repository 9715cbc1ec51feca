begin;
select plan(33);

create temp table calls as
select format('select queues.%s', call) as call from unnest(array[
  'health()', 'metrics()', $$pause('analytics')$$, $$resume('analytics')$$, $$peek('analytics')$$,
  $$dead_letters('analytics')$$, $$redrive('analytics')$$, $$cancel_redrive('analytics')$$, $$discard('analytics')$$,
  $$withdraw('analytics')$$]) call
union all select 'select public.queue_metrics()';
grant select on calls to public;

set local role anon;
select throws_ok(call, '42501') from calls;
set local role authenticated;
select throws_ok(call, '42501') from calls;
set local role service_role;
select lives_ok(call) from calls;

select * from finish();
rollback;
