begin;
select plan(2);

-- The numbers of a day are those of its hours, and of the minutes that were not added to them yet.
insert into queues.rate_limit_hours (hour, action, answer, calls)
select d at time zone 'UTC', 'like', answer, calls
from (values
  (timestamp '2026-05-01 23:00', 'allowed', 1), ('2026-05-02 00:00', 'allowed', 10), ('2026-05-02 23:00', 'refused', 20),
  ('2026-05-02 23:00', 'deferred', 5), ('2026-05-03 00:00', 'allowed', 100)) h (d, answer, calls);
insert into queues.rate_limit_calls (minute, action, answer, key, backend, calls)
values ('2026-05-02 23:59+00', 'event', 'refused', 1, 1, 7), ('2026-05-03 00:00+00', 'event', 'refused', 1, 1, 70);
select is((queues.report_day('2026-05-02')).limited_calls,
  '{"like": {"allowed": 10, "refused": 20, "deferred": 5}, "event": {"refused": 7}}', 'the calls of the day');
select is((queues.report_day('2026-05-01')).limited_calls, '{"like": {"allowed": 1}}', 'and of another one');

select * from finish();
rollback;
