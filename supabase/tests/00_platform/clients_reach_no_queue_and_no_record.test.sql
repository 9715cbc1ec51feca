begin;
select plan(27);

select throws_ok(format('set local role %s; select 1 from %s', role, target), '42501')
from unnest(array['anon', 'authenticated', 'service_role']) role,
  unnest(array['queues.settings', 'queues.failures', 'queues.runs', 'pgmq.q_analytics', 'pgmq.a_analytics', 'pgmq.q_analytics_dlq']) target;
reset role;

select throws_ok(format('set local role %s; %s', role, statement), '42501')
from unnest(array['anon', 'authenticated', 'service_role']) role,
  unnest(array[
    $$select queues.dead_letter(null, '[]', true)$$,
    $$select queues.create_queue('analytics')$$,
    $$select queues.raise_conflict('analytics', 'settle')$$]) statement;

select * from finish();
rollback;
