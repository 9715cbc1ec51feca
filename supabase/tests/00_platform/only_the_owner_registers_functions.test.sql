begin;
select plan(40);

select throws_ok(format('set local role %s; %s', role, statement), '42501', null, format('%s: %s', role, statement))
from unnest(array['anon', 'authenticated', 'service_role']) role,
  unnest(array[
    $$insert into queues.effects (key, position, function) values ('test', 1000, 'enqueue')$$,
    $$update queues.effects set function = 'enqueue'$$,
    $$delete from queues.effects$$,
    $$truncate queues.effects$$,
    $$select from queues.effects$$,
    $$insert into queues.housekeeping (key, position, kind, function) values ('test', 1000, 'prune', 'prune_job_runs')$$,
    $$update queues.housekeeping set function = 'prune_job_runs'$$,
    $$delete from queues.housekeeping$$,
    $$insert into queues.settings (queue, claim_hook) values ('test', 'notification_context')$$,
    $$update queues.settings set claim_hook = null, dead_letter_hook = null$$,
    $$select queues.apply_effects('{}')$$,
    $$select queues.registered_function('effect', 'enqueue', 'enqueue')$$,
    $$create function queues.test(p_rows jsonb) returns void language plpgsql as 'begin end'$$]) statement;
reset role;
select lives_ok(
  $$insert into queues.effects (key, position, function) values ('test', 1000, 'enqueue')$$, 'the owner may');

select * from finish();
rollback;
