-- What operators did.

create table queues.operator_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  operator_id uuid not null,
  action text not null,
  queue text,
  arguments jsonb not null,
  affected bigint not null,
  result jsonb not null,

  constraint arguments_are_an_object check (jsonb_typeof(arguments) = 'object'),
  constraint result_is_an_object check (jsonb_typeof(result) = 'object'),
  constraint affected_is_not_negative check (affected >= 0)
);
create index operator_log_at_idx on queues.operator_log (at);
comment on table queues.operator_log is 'One row per action of an operator, written in the transaction of the action.';
comment on column queues.operator_log.operator_id is 'No foreign key: the row outlives the account.';
comment on column queues.operator_log.queue is 'No foreign key: the row outlives the queue. Null if no queue was concerned.';
comment on column queues.operator_log.result is
  'What the action answered: how many, and what was there before, such as settings or an edited payload.';
revoke all on table queues.operator_log from public, anon, authenticated, service_role;

create function queues.prune_operator_log(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_kept constant interval := interval '1 year';
  v_before timestamptz := clock_timestamp() - c_kept;
  v_removed integer;
begin
  delete from queues.operator_log where id = any(array(
    select id from queues.operator_log where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_operator_log(integer) is 'Removes entries that are more than a year old.';
revoke all on function queues.prune_operator_log(integer) from public;

create function queues.audit_page(p_arguments jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_limit integer;
  v_before record;
  v_rows queues.operator_log[];
begin
  perform queues.check_keys('arguments', p_arguments, array['operator_id', 'action', 'queue', 'limit', 'before']);
  v_limit := queues.number_argument(p_arguments, 'limit', 50, 1, 200)::integer;
  select * into v_before from queues.place_argument(p_arguments, 'before', '\d{1,18}');
  v_rows := array(
    select l from queues.operator_log l
    where (v_before.id is null or l.id < v_before.id::bigint)
      and (not p_arguments ? 'operator_id' or l.operator_id = queues.id_argument(p_arguments, 'operator_id'))
      and (not p_arguments ? 'action' or l.action = queues.text_argument(p_arguments, 'action'))
      and (not p_arguments ? 'queue' or l.queue = queues.text_argument(p_arguments, 'queue'))
    order by l.id desc limit v_limit + 1);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(l) || jsonb_build_object('operator', p.username) order by l.id desc), '[]')
      from unnest(v_rows[:v_limit]) l left join public.profiles p on p.id = l.operator_id),
    'next', case when cardinality(v_rows) > v_limit then queues.place_of(v_rows[v_limit].at, v_rows[v_limit].id::text) end);
end $$;
comment on function queues.audit_page(jsonb) is
  'What operators did, latest first: {items, next}. Arguments: operator_id, action, queue, limit, before.';
revoke all on function queues.audit_page(jsonb) from public;
