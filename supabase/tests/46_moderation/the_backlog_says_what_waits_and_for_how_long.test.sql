begin;
select plan(6);

create function pg_temp.id(p_name text) returns uuid language sql strict as $$select format('00000000-0000-4000-8000-0000000000%s', p_name)::uuid$$;
insert into profiles (id) values (pg_temp.id('a1')), (pg_temp.id('a2'));
insert into posts_new (id, profile_id) values (pg_temp.id('b1'), pg_temp.id('a1'));
select results_eq('select * from queues.comment_backlog()', $$values ('pending', 0::bigint, 0::bigint), ('flagged', 0, 0), ('reported', 0, 0), ('appealed', 0, 0)$$, 'nothing');

insert into comments (id, post_id, author_id, body, status, created_at, edited_at, decided_at)
select pg_temp.id('c' || n), pg_temp.id('b1'), pg_temp.id('a1'), 'c', status, now() - interval '1 day', case n when 2 then now() - interval '1 hour' end,
  case status when 'pending' then null else now() end
from (values (1, 'pending'), (2, 'pending'), (3, 'flagged'), (4, 'flagged'), (5, 'rejected'), (6, 'approved')) v (n, status);
insert into queues.reviews (comment_id, post_id, opened_at) values
  (pg_temp.id('c3'), null, now() - interval '3 hours'), (pg_temp.id('c4'), null, now() - interval '4 hours'), (pg_temp.id('c5'), null, now() - interval '5 hours'),
  (pg_temp.id('c6'), null, now() - interval '6 hours'), (null, pg_temp.id('b1'), now() - interval '7 hours');
insert into queues.reports (reporter_id, comment_id, post_id, reason, closed_at) values
  (pg_temp.id('a2'), pg_temp.id('c6'), null, 'spam', null), (pg_temp.id('a2'), null, pg_temp.id('b1'), 'hate', null), (pg_temp.id('a2'), pg_temp.id('c4'), null, 'hate', now()),
  (pg_temp.id('a2'), pg_temp.id('c5'), null, 'hate', null);
insert into queues.appeals (comment_id, body) values (pg_temp.id('c5'), 'why');

select results_eq('select why, waiting from queues.comment_backlog()', $$values ('pending', 2::bigint), ('flagged', 2), ('reported', 2), ('appealed', 1)$$,
  'each once, by what asks the most for an answer; a closed report does not count');
select results_eq('select why, round(oldest_secs / 3600.0)::int from queues.comment_backlog()', $$values ('pending', 24), ('flagged', 4), ('reported', 7), ('appealed', 5)$$,
  'and the oldest of each');
select is((select jsonb_object_agg(g ->> 'name', g -> 'values' -> 'flagged') from jsonb_array_elements(queue_metrics() -> 'gauges') g)
  - 'comments_oldest_wait_seconds', '{"comments_waiting": 2}', 'the metrics have them');
select queues.report_comments_of(now()::date);
select is((select jsonb_build_array(waiting, waiting_by_reason, oldest_waiting_secs / 3600) from comment_reports),
  '[5, {"flagged": 2, "reported": 2, "appealed": 1}, 7]', 'and the report of the day');
-- An appeal that is answered, and a report that is closed.
delete from queues.reviews where comment_id = pg_temp.id('c5');
select queues.close_review(null, pg_temp.id('b1'));
select results_eq('select why, waiting from queues.comment_backlog()', $$values ('pending', 2::bigint), ('flagged', 2), ('reported', 1), ('appealed', 0)$$, 'until they are answered');

select * from finish();
rollback;
