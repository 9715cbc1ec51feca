begin;
select plan(10);

update queues.rate_limits set per_minute = 6, burst = 5 where action = 'event';
create function pg_temp.batch(p_events integer) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('event', 'page_view')) from generate_series(1, p_events)
$$;
set local role anon;

select is(track_events(pg_temp.batch(3), 's')::jsonb ->> 'tracked', '3', 'within the limit');
select is(current_setting('response.status', true), null, 'an ordinary answer');
select is(track_events(pg_temp.batch(3), 's')::jsonb - 'retryAfter',
  '{"success": false, "error": "Too many requests", "code": "rate_limited"}', 'a batch of more than is left is refused');
select is(current_setting('response.status'), '429', 'with status 429');
select matches(current_setting('response.headers'), '^\[\{"Retry-After": "(10|9)"\}\]$', 'and when to come back');
select is(track_events(pg_temp.batch(2), 's')::jsonb ->> 'tracked', '2', 'it was charged nothing');
select is(track_event('page_view', null, 's')::jsonb ->> 'code', 'rate_limited', 'single events have the same limit');
select is(track_event('page_view', null, 'other')::jsonb ->> 'success', 'true', 'others are not affected');
select throws_ok($$select track_events(pg_temp.batch(6), 'new')$$, 'PT422', '`p_events` has 6 events',
  'more than a burst could never be sent');
reset role;
select is((select count(*)::int from pgmq.q_analytics), 6, 'what was refused was not sent');

select * from finish();
rollback;
