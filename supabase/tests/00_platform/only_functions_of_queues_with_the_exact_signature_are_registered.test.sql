begin;

create function public.elsewhere(p_rows jsonb) returns void language plpgsql as 'begin end';
create function queues.test_void(p_rows jsonb) returns void language plpgsql as 'begin end';
create function queues.test_jsonb(p_rows jsonb) returns jsonb language plpgsql as 'begin return null; end';
create function queues.test_set(p_rows jsonb) returns setof jsonb language plpgsql as 'begin end';
create function queues.test_json(p_rows json) returns void language plpgsql as 'begin end';
create function queues.test_any(p_rows anyelement) returns void language plpgsql as 'begin end';
create function queues.test_more(p_rows jsonb, p_more text default '') returns void language plpgsql as 'begin end';
create function queues.test_many(variadic p_rows jsonb[]) returns void language plpgsql as 'begin end';
create procedure queues.test_procedure(p_rows jsonb) language plpgsql as 'begin end';
create aggregate queues.test_aggregate(jsonb) (sfunc = jsonb_concat, stype = jsonb);
create function queues.test_count(p_limit integer) returns integer language plpgsql as 'begin return 0; end';
create function queues.test_count_queue(p_queue text, p_limit integer) returns integer language plpgsql as 'begin return 0; end';
create function queues.test_day(p_day date) returns text language plpgsql as 'begin return null; end';

create temp table before as select count(*) as effects from queues.effects;
create function pg_temp.registering(p_registry text, p_function text) returns text language sql as $$
  select format(case p_registry
    when 'effect' then 'insert into queues.effects (key, position, function) values (''test'', 1000, %L)'
    when 'claim_hook' then 'update queues.settings set claim_hook = %L where queue = ''analytics'''
    when 'dead_letter_hook' then 'update queues.settings set dead_letter_hook = %L where queue = ''analytics'''
    else 'insert into queues.housekeeping (key, kind, position, function) values (%2$L, %2$L, 1000 + length(%2$L), %1$L)'
    end, p_function, p_registry)
$$;
create temp table name (registry text, function text, is_registered boolean);
insert into name
select 'effect', function, false from unnest(array[
  'gone', 'elsewhere', 'public.elsewhere', 'queues.test_void', 'pg_sleep', 'pg_catalog.pg_sleep', 'test_jsonb', 'test_set',
  'test_json', 'test_any', 'test_more', 'test_many', 'test_procedure', 'test_aggregate', 'TEST_VOID', '"test_void"',
  'test_void(jsonb)', 'test_void($1), queues.pause', 'test_void($1); drop table queues.settings; --', '', ' ']) function;
insert into name values
  ('effect', 'test_void', true), ('effect', 'test_count', false),
  ('claim_hook', 'test_jsonb', true), ('claim_hook', 'test_void', false), ('claim_hook', 'elsewhere', false),
  ('dead_letter_hook', 'test_void', true), ('dead_letter_hook', 'test_jsonb', false), ('dead_letter_hook', 'elsewhere', false),
  ('fold', 'test_count', true), ('fold', 'test_void', false),
  ('prune', 'test_count', true), ('prune', 'test_count_queue', false), ('prune', 'test_void', false),
  ('prune_queue', 'test_count_queue', true), ('prune_queue', 'test_count', false),
  ('report', 'test_day', true), ('report', 'test_void', false);

select plan(5 + (select count(*)::int from name));
create temp table registered as select count(*) as effects from queues.effects;

select case when is_registered
  then lives_ok(pg_temp.registering(registry, function), format('%s `%s`', registry, function))
  else throws_ok(pg_temp.registering(registry, function), 'PT404', null, format('no %s `%s`', registry, function)) end
from name order by is_registered;

select throws_ok(
  pg_temp.registering('effect', 'test_jsonb'), 'PT404',
  'effect `test`: there is no function `queues.test_jsonb(jsonb)` that returns void', 'the error says what is missing');
select throws_ok($$update queues.effects set function = 'gone' where key = 'test'$$, 'PT404', null, 'updates are checked too');

-- Even if such a row were there, nothing but a function of the right name would be called.
alter table queues.effects disable trigger check_effect;
alter table queues.effects drop constraint function_is_a_name;
update queues.effects set function = 'test_void($1); delete from queues.effects; --' where key = 'test';
select throws_ok(
  $$select settle_messages('analytics', '{"effects": {"test": []}}')$$, 'PT404', null, 'a name is never run as SQL');
update queues.effects set function = 'elsewhere' where key = 'test';
set local search_path = public, extensions;
select throws_ok(
  $$select settle_messages('analytics', '{"effects": {"test": []}}')$$, 'PT404',
  'effect `test`: there is no function `queues.elsewhere(jsonb)` that returns void', 'functions of other schemas are never called');
select is((select count(*) from queues.effects), (select effects + 1 from registered), 'nothing else changed');

select * from finish();
rollback;
