begin;
select plan(11);

create function queues.gauge_birds() returns jsonb language sql as $$select '{"here": 2, "gone": 7.5}'::jsonb$$;
create function queues.gauge_nothing() returns jsonb language sql as $$select null::jsonb$$;
create function queues.gauge_broken() returns jsonb language plpgsql as $$begin raise exception 'no'; end$$;
create function queues.gauge_argument(integer) returns jsonb language sql as $$select '{}'::jsonb$$;
delete from queues.gauges;
insert into queues.gauges values ('birds', 'place', 'Birds.', 'gauge_birds'), ('broken', 'x', 'Fails.', 'gauge_broken'), ('nothing', 'x', 'Nothing.', 'gauge_nothing');

set client_min_messages = error;
select is(queue_metrics() -> 'gauges', '[{"name": "birds", "label": "place", "help": "Birds.", "values": {"here": 2, "gone": 7.5}},
  {"name": "nothing", "label": "x", "help": "Nothing.", "values": {}}]', 'one that fails is left out');
select isnt(queue_metrics() -> 'queues', '[]', 'and hides no queue');

select throws_ok(format('insert into queues.gauges values (%L, %L, %L, %L)', name, label, help, function), state, null, what)
from (values
  ('queue_birds', 'x', 'h', 'gauge_birds', '23514', 'a name that may be one of the queues'), ('Birds', 'x', 'h', 'gauge_birds', '23514', 'no name of a metric'),
  ('more', 'x"y', 'h', 'gauge_birds', '23514', 'no label'), ('more', 'x', E'h\n# EOF', 'gauge_birds', '23514', 'help of two lines'),
  ('more', 'x', 'h', 'gauge_fish', 'PT404', 'no function'), ('more', 'x', 'h', 'gauge_argument', 'PT404', 'a function that wants to know something'),
  ('more', 'x', 'h', 'metrics(); --', 'PT404', 'no name of a function')) wrong (name, label, help, function, state, what);

drop function queues.gauge_birds();
select is(jsonb_path_query_array(queue_metrics(), '$.gauges[*].name'), '["nothing"]', 'a function that is gone hides no other');
set local role service_role;
select throws_ok($$insert into queues.gauges values ('more', 'x', 'h', 'gauge_nothing')$$, '42501', null, 'only the owner adds gauges');

select * from finish();
rollback;
