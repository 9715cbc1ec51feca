-- Gauges of features, beside those of the queues: what waits for people, for example.

create table queues.gauges (
  name text primary key,
  label text not null,
  help text not null,
  function text not null,

  constraint name_is_that_of_a_metric check (name ~ '^[a-z][a-z0-9_]{0,62}$' and name !~ '^(queue|rate_limit)_'),
  constraint label_is_a_name check (label ~ '^[a-z][a-z0-9_]{0,30}$'),
  constraint help_is_a_line check (help ~ '^[^\\"\n\r]{1,200}$'),
  constraint function_is_a_name check (function ~ '^[a-z][a-z0-9_]{0,62}$')
);
comment on table queues.gauges is 'Gauges that features add to the metrics. Only the owner adds rows.';
comment on column queues.gauges.name is 'The name of the metric.';
comment on column queues.gauges.label is 'The label that tells its numbers apart.';
comment on column queues.gauges.help is 'What it counts.';
comment on column queues.gauges.function is 'A function of schema queues, () returns jsonb: {value of the label: number}.';
revoke all on table queues.gauges from public, anon, authenticated, service_role;

create function queues.check_gauge() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function('gauge', new.name, new.function);
  return new;
end $$;
comment on function queues.check_gauge() is 'Rejects a gauge whose function does not exist.';
revoke all on function queues.check_gauge() from public;

create trigger check_gauge before insert or update on queues.gauges
  for each row execute function queues.check_gauge();

create function queues.read_gauges() returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_gauge queues.gauges;
  v_function regproc;
  v_values jsonb;
  v_read jsonb := jsonb_build_array();
begin
  for v_gauge in select * from queues.gauges order by name loop
    begin
      v_function := queues.registered_function('gauge', v_gauge.name, v_gauge.function);
      execute format('select %s()', v_function) into v_values;
      v_read := v_read || jsonb_build_object(
        'name', v_gauge.name, 'label', v_gauge.label, 'help', v_gauge.help, 'values', coalesce(v_values, '{}'));
    exception
      when others then
        -- The other metrics can be read all the same.
        raise warning 'the gauge % failed: %', v_gauge.name, sqlerrm;
    end;
  end loop;
  return v_read;
end $$;
comment on function queues.read_gauges() is
  'The gauges of features: [{name, label, help, values: {value of the label: number}}]. One that fails is left out.';
revoke all on function queues.read_gauges() from public;
