begin;
select plan(4);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');

select queues.call_worker('analytics', 'wake');
select is(queues.active_workers('analytics'), 1, 'a call without an answer counts');

insert into net._http_response (id, status_code, content, created)
select request_id, 202, '{"runId": "00000000-0000-4000-8000-000000000001"}', clock_timestamp() from queues.dispatches;
select is(queues.active_workers('analytics'), 1, 'a call whose run has not claimed yet counts');

insert into queues.runs (id, queue, finished_at, stopped_because)
values ('00000000-0000-4000-8000-000000000001', 'analytics', clock_timestamp(), 'empty');
select is(queues.active_workers('analytics'), 0, 'a call whose run has ended does not count, even before a tick records its answer');

select queues.call_worker('analytics', 'wake');
insert into net._http_response (id, status_code, content, created)
select max(request_id), 500, 'boom', clock_timestamp() from queues.dispatches;
select is(queues.active_workers('analytics'), 0, 'a call that was refused does not count');

select * from finish();
rollback;
