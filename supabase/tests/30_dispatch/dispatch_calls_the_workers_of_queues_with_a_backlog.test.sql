begin;
select plan(6);

select vault.create_secret('https://project.example/', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');

select is(queues.dispatch(), 0, 'empty queues cause no call at all');
select is_empty('select from net.http_request_queue', 'not one');

select pgmq.send('analytics', '{}');
update queues.due set at = '-infinity';
select is(queues.dispatch(), 1, 'a queue with a visible message has its worker called');
select results_eq(
  $$select method, url, headers ->> 'apikey', headers ->> 'Prefer', timeout_milliseconds > 5000 from net.http_request_queue$$,
  $$values ('POST'::text, 'https://project.example/functions/v1/process-analytics', 'sb_secret_of_the_test', 'respond-async', true)$$,
  'at the project, with the key, to answer at once');
select results_eq('select queue, cause, outcome from queues.dispatches',
  $$values ('analytics', 'schedule', null::text)$$, 'and the call is recorded');

select pgmq.send('notifications', '{}', 60);
update queues.due set at = '-infinity';
select is(queues.dispatch(), 0, 'a message that is not visible yet calls nobody, nor does one whose worker is on its way');

select * from finish();
rollback;
