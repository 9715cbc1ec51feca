begin;
select plan(6);

select vault.create_secret('https://project.example/', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');

select is(queues.dispatch(), 0, 'empty queues cause no call');
select is_empty('select from net.http_request_queue', 'no call is recorded');

select pgmq.send('analytics', '{}');
update queues.due set at = '-infinity';
select is(queues.dispatch(), 1, 'a queue with a visible message has its worker called');
select results_eq(
  $$select method::text, url, headers ->> 'apikey', headers ->> 'Prefer', timeout_milliseconds > 5000 from net.http_request_queue$$,
  $$values ('POST'::text, 'https://project.example/functions/v1/process-analytics', 'sb_secret_of_the_test', 'respond-async', true)$$,
  'the request has the URL of the project, the key, and asks for an immediate answer');
select results_eq('select queue, cause, outcome from queues.dispatches',
  $$values ('analytics', 'schedule', null::text)$$, 'the call is recorded');

select pgmq.send('notifications', '{}', 60);
update queues.due set at = '-infinity';
select is(queues.dispatch(), 0, 'no call for a message that is invisible, or whose worker is called already');

select * from finish();
rollback;
