begin;
select plan(10);

create table pg_temp.old (queue text, n integer);
create function queues.test_prune(p_limit integer) returns integer language plpgsql as $$
declare v_removed integer;
begin
  delete from pg_temp.old where ctid = any(array(select ctid from old where queue is null limit p_limit));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
create function queues.test_prune_queue(p_queue text, p_limit integer) returns integer language plpgsql as $$
declare v_removed integer;
begin
  if p_queue = 'deliveries' then raise exception 'not today'; end if;
  delete from pg_temp.old where ctid = any(array(select ctid from old where queue = p_queue limit p_limit));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
create table pg_temp.folded (n integer);
create function queues.test_fold(p_limit integer) returns integer language plpgsql as
$$begin insert into pg_temp.folded values (p_limit); return 1; end$$;
create table pg_temp.reported (report text, day date);
create function queues.test_report(p_day date) returns void language plpgsql as
$$begin insert into pg_temp.reported values ('test', p_day); end$$;

insert into queues.housekeeping (key, position, kind, function) values
  ('test.all', 1001, 'prune', 'test_prune'), ('test.of_{queue}', 1002, 'prune_queue', 'test_prune_queue'),
  ('test.report', 1003, 'report', 'test_report'), ('test.folds', 1004, 'fold', 'test_fold');
insert into pg_temp.old select null, n from generate_series(1, 5500) n;
insert into pg_temp.old select queue, n from unnest(array['analytics', 'deliveries', 'like_events']) queue, generate_series(1, 10) n;

select is(queues.cleanup_step(), 0, 'a tick without a round removes nothing');
select results_eq('select * from pg_temp.folded', 'values (5000)', 'and folds');
select queues.daily();
select results_eq('select report, day from pg_temp.reported',
  $$values ('test', (clock_timestamp() at time zone 'UTC')::date - 1)$$, 'the daily job makes a report that is registered');
select isnt_empty('select from analytics_reports', 'and all other reports');
select is(queues.cleanup_step(), 5000, 'a step removes rows of a registered table');
select is(queues.cleanup_step(), 520, 'and of each queue');
select is((select removed from queues.cleanups), '{"test.all": 5500, "test.of_analytics": 10, "test.of_like_events": 10}',
  'removed rows are counted by key');
select is((select errors from queues.cleanups), '{"test.of_deliveries": "not today"}', 'an error of one queue does not stop the others');

drop function queues.test_prune(integer), queues.test_report(date);
delete from queues.cleanups;
select queues.daily();
select queues.cleanup_step();
select is((select errors ->> 'test.all' from queues.cleanups),
  'prune `test.all`: there is no function `queues.test_prune(integer)` that returns integer',
  'a function that was dropped is an error that names its row');
select matches((select errors ->> 'test.report' from queues.cleanups),
  ': report `test.report`: there is no function `queues.test_report\(date\)`$', 'so is a report that was dropped');

select * from finish();
rollback;
