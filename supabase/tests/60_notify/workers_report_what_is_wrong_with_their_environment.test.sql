begin;
select plan(14);

create function pg_temp.report(p_problems jsonb) returns void language sql as
$$select queues.settle_messages('deliveries', jsonb_build_object(
  'run_id', gen_random_uuid(), 'seq', 1, 'stopped_because', 'empty',
  'effects', jsonb_build_object('configuration', jsonb_build_array(jsonb_build_object('problems', p_problems)))))$$;
create function pg_temp.verdict(p_provider text) returns text language sql as
$$select concat_ws(': ', state, reason, '-> ' || remedy) from queues.delivery_health() where provider = p_provider and service is null$$;

select pg_temp.report('[
  {"about": "web_push", "problem": "the secret VAPID_PRIVATE_KEY is not set", "remedy": "set it"},
  {"about": "web_push", "problem": "VAPID_SUBJECT is not an address that exists", "remedy": "set another"},
  {"about": "all", "problem": "APP_URL has no scheme", "remedy": "add it"}]');
select is(
  pg_temp.verdict('web_push'),
  'closed: VAPID_SUBJECT is not an address that exists; the secret VAPID_PRIVATE_KEY is not set: -> set another; set it',
  'the problems of a provider stand in its row');
select is(pg_temp.verdict('all'), 'closed: APP_URL has no scheme: -> add it', 'what concerns all has a row of its own');
select is(pg_temp.verdict('fcm'), 'closed', 'the others have none');
select is_empty('select provider from queues.delivery_health() group by provider having count(*) > 1', 'no row twice');

update queues.circuit_breakers set open_until = clock_timestamp() + interval '1 minute', reason = 'provider_misconfigured: the secret VAPID_PRIVATE_KEY is not set'
where provider = 'web_push';
select is(
  pg_temp.verdict('web_push'),
  'open: VAPID_SUBJECT is not an address that exists; the secret VAPID_PRIVATE_KEY is not set: -> set another; set it; then `select queues.close_breaker(''web_push'')`',
  'an open breaker is closed after the correction');
update queues.circuit_breakers set reason = 'http_503: unavailable' where provider = 'web_push';
select matches(pg_temp.verdict('web_push'), '^open: http_503: unavailable; VAPID_SUBJECT', 'another reason is kept');
select queues.close_breaker('web_push');

create temporary table reported as select * from queues.configuration_problems where about = 'all';
select pg_temp.report('[{"about": "all", "problem": "APP_URL has no scheme", "remedy": "add it"}]');
select is(pg_temp.verdict('web_push'), 'closed', 'the next run without a problem removes it');
select results_eq('select * from queues.configuration_problems', 'select * from reported', 'one that stays is not written again');
select pg_temp.report('[]');
select is(pg_temp.verdict('all'), null, 'a run without problems removes all');

select pg_temp.report((
  select jsonb_agg(jsonb_build_object('about', 'all', 'problem', n || repeat('x', 5000), 'remedy', repeat('y', 5000)))
  from generate_series(1, 100) n));
select results_eq(
  'select count(*), max(length(problem)), max(length(remedy)) from queues.configuration_problems', 'values (20::bigint, 500, 500)',
  'a report is bounded');
select lives_ok($$select queues.settle_messages('like_events', '{}')$$, 'other queues report nothing');
select is((select count(*) from queues.configuration_problems), 20::bigint, 'and remove nothing');

select throws_ok(
  $$select queues.report_configuration('[{"problems": [{"about": "all", "problem": 7, "remedy": ""}]}]')$$, 'PT422',
  '`effects.configuration[-1].problems[0].problem` is missing or has a wrong type');
select throws_ok(
  $$select queues.report_configuration('[{"problem": []}]')$$, 'PT422', '`effects.configuration[0].problem` is not known');

select * from finish();
rollback;
