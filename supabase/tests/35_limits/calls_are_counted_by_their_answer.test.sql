begin;
select plan(16);

update queues.rate_limits set per_minute = 6, burst = 2 where action = 'like';
update queues.rate_limits set enabled = false where action = 'event';
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.like(p_session text) returns text language sql as $$
  select coalesce(toggle_post_like('00000000-0000-4000-8000-0000000000b1', p_session) ->> 'code', 'ok')
$$;
select is(string_agg(pg_temp.like('bot'), ' '), 'ok ok rate_limited rate_limited rate_limited') from generate_series(1, 5);
select is(pg_temp.like('b') || ' ' || pg_temp.like('b') || ' ' || pg_temp.like('b') || ' ' || pg_temp.like('c'),
  'ok ok rate_limited ok');
select track_event('page_view', null, 's') from generate_series(1, 3);

select is(queues.limited_calls(), '{"like": {"allowed": 5, "refused": 4}}', 'every call once, but for actions without a limit');
select cmp_ok((select count(*)::int from queues.rate_limit_calls), '<=', 6, 'a row for each key and minute, not for each call');
select results_eq('select action, kind, refused, deferred, percent from queues.most_limited()',
  $$values ('like', 'session', 3::bigint, 0::bigint, 75.0), ('like', 'session', 1, 0, 25.0)$$, 'who was refused most');
select is_empty($$select from queues.most_limited() where who !~ '^[0-9a-f]{16}$'$$, 'by a hash');
select results_eq('select refused from queues.most_limited(1)', 'values (3::bigint)', 'the first ones');
select results_eq('select allowed_60_min, refused_60_min, deferred_60_min from queues.limit_health() where action = ''like''',
  'values (5::bigint, 4::bigint, 0::bigint)', 'within the hour');

select is(queues.move_rate_limit_calls(100), 0, 'what is of this hour stays');
update queues.rate_limit_calls set minute = minute - interval '2 hours';
select is_empty('select from queues.most_limited()', 'older calls have no key');
create temp table moved as select queues.move_rate_limit_calls(1) as rows;
select is((select rows from moved), 1, 'moved in steps');
select queues.move_rate_limit_calls(100);
select is_empty('select from queues.rate_limit_calls', 'to the last one');
select is(queues.limited_calls(), '{"like": {"allowed": 5, "refused": 4}}', 'and none is lost');

update queues.rate_limit_hours set hour = hour - interval '40 days';
select pg_temp.like('d');
select is(queues.prune_rate_limit_hours(100), (select 2), 'nor are old hours');
select is(queues.limited_calls(), '{"like": {"allowed": 6, "refused": 4}}', 'from the total');
select is(queues.limited_calls(now() - interval '1 day'), '{"like": {"allowed": 1}}', 'of a time only its own');

select * from finish();
rollback;
