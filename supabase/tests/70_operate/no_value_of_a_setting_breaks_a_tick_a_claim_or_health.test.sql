-- Each number among the settings is set to the bounds of its constraints, to what lies beyond them, and to the extremes of
-- its type. Either a named constraint refuses it, or everything works with it.
begin;
-- The names of objects are compared as text.
set local quote_all_identifiers = off;

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
create function pg_temp.undo() returns void language plpgsql as $$ begin raise sqlstate 'UNDO1'; end $$;

create function pg_temp.problem() returns text language plpgsql as $$
declare
  v_queue text;
  v_problem text;
begin
  for v_queue in select queue from queues.settings loop
    perform pgmq.send(v_queue, '{"type": "new_like", "delivery_id": "00000000-0000-4000-8000-0000000000d1"}') from generate_series(1, 3);
    execute format('insert into pgmq.%I (msg_id, vt, enqueued_at, archived_at, message)
      values (-1, now(), now(), now() - interval ''1000 years'', ''1'')', 'a_' || v_queue);
  end loop;
  perform toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'session');
  perform queues.daily();
  update queues.due set at = '-infinity';
  perform queues.dispatch();
  select format('%s: %s', queue, last_error) into v_problem from queues.due where last_error is not null;
  if found then return v_problem; end if;
  select errors::text into v_problem from queues.cleanups where errors <> '{}';
  if found then return v_problem; end if;
  for v_queue in select queue from queues.settings loop
    perform claim_messages(v_queue);
    perform settle_messages(v_queue, '{}');
  end loop;
  select reason into v_problem from queues.health() where reason like '%cannot be measured%';
  if found then return v_problem; end if;
  perform public.queue_metrics(), queues.delivery_health(), trending_posts();
  return null;
end $$;

create function pg_temp.outcome(p_table text, p_column text, p_value bigint) returns text language plpgsql as $$
declare
  v_problem text;
  v_constraint text;
begin
  execute format('update %s set %I = $1::integer', p_table, p_column) using p_value;
  v_problem := pg_temp.problem();
  perform pg_temp.undo();
  return null;
exception
  when sqlstate 'UNDO1' then
    return coalesce(v_problem, 'works');
  when check_violation then
    get stacked diagnostics v_constraint = constraint_name;
    return case when exists (
      select from pg_constraint where conrelid = p_table::regclass and conname = v_constraint and conname !~ '_check\d*$')
      then 'refused' else sqlerrm end;
  when others then
    return format('%s (%s)', sqlerrm, sqlstate);
end $$;

create temp table tried as
with columns as (
  select attrelid, attrelid::regclass::text as name, attname, attnum
  from pg_attribute
  where attrelid in (
      select oid from pg_class
      where relnamespace = 'queues'::regnamespace and relkind = 'r' and (relname ~ 'settings$' or relname = 'rate_limits'))
    and attnum > 0 and not attisdropped and atttypid = 'integer'::regtype
), values_ as (
  select c.name, c.attname, v.value
  from columns c cross join (values (-2147483648::bigint), (-1), (0), (1), (2147483647)) v (value)
  union
  select c.name, c.attname, n.number[1]::bigint + d.beside
  from columns c
  join pg_constraint k on k.conrelid = c.attrelid and k.contype = 'c' and c.attnum = any(k.conkey)
  cross join regexp_matches(pg_get_constraintdef(k.oid), '\d+', 'g') n (number)
  cross join (values (0), (1)) d (beside)
  where length(n.number[1]) < 10
)
select name, attname, value, pg_temp.outcome(name, attname, value) as outcome from values_;

select plan((select count(*)::integer + 2 from tried));
select ok(outcome in ('works', 'refused'), format('%s.%s = %s: %s', name, attname, value, outcome))
from tried order by name, attname, value;
select is_empty(
  $$select name, attname from tried group by name, attname having not bool_or(outcome = 'works')$$, 'each column accepts a value');
select is_empty(
  $$select name, attname from tried group by name, attname having not bool_or(outcome = 'refused' and value > 0)$$, 'each column has an upper bound');

select * from finish();
rollback;
