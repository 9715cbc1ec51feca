begin;
select plan(2);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into queues.trending_hours (post_id, hour, weight, gain, likes)
select '00000000-0000-4000-8000-0000000000b1', date_trunc('hour', now() - age, 'UTC'), 1, 1, 1
from unnest(array['1 hour', '40 days']::interval[]) age;
select queues.daily();
select queues.cleanup_step();

select results_eq('select count(*)::int from queues.trending_hours', 'select 1', 'hours older than the longest window are removed');
select is((select errors from queues.cleanups), '{}', 'no error is recorded');

select * from finish();
rollback;
