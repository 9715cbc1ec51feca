begin;
select plan(4);

select pgmq.send('analytics', '{}');
select lives_ok('select queues.dispatch()', 'a tick without secrets does not fail');
select results_eq('select outcome, error from queues.dispatches', $$values ('not_sent',
  'the secret `queues_project_url` is missing: select vault.create_secret(''…'', ''queues_project_url'')')$$,
  'the call is recorded with the remedy');

select vault.create_secret('https://project.example', 'queues_project_url');
update queues.due set at = '-infinity';
select queues.dispatch();
select matches((select error from queues.dispatches order by id desc limit 1), 'queues_secret_key', 'each missing secret is named');
select is_empty('select from net.http_request_queue', 'nothing is sent');

select * from finish();
rollback;
