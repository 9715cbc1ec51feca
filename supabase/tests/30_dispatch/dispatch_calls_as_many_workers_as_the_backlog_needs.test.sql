begin;
select plan(5);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
update queues.settings set batch_size = 10, max_workers = 4 where queue = 'analytics';

create function pg_temp.tick() returns integer language plpgsql as $$
begin
  update queues.due set at = '-infinity';
  return queues.dispatch();
end $$;

select pgmq.send('analytics', '{}') from generate_series(1, 21);
select is(pg_temp.tick(), 3, 'one worker per batch, including a partly full one');
select is(pg_temp.tick(), 0, 'calls under way count as workers');

select pgmq.send('analytics', '{}') from generate_series(1, 100);
select is(pg_temp.tick(), 1, 'at most max_workers');

delete from net.http_request_queue;
update queues.dispatches
set outcome = 'accepted', requested_at = now() - interval '1 minute', answered_at = now() - interval '1 minute';
insert into queues.runs (id, queue) select gen_random_uuid(), 'analytics' from generate_series(1, 3);
select is(pg_temp.tick(), 1, 'minus the active runs');

delete from net.http_request_queue;
update queues.dispatches set requested_at = now() - interval '1 minute';
update queues.runs set last_seen_at = now() - interval '2 minutes';
select is(pg_temp.tick(), 4, 'a run that is silent for a visibility timeout does not count');

select * from finish();
rollback;
