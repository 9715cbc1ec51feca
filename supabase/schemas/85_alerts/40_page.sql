-- Alerts in the console.

create function queues.alerts_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_shown constant integer := 200;
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'items', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.over_at is null desc, a.raised_at desc), '[]')
      from (select * from queues.alerts order by over_at is null desc, raised_at desc limit c_shown) a),
    'settings', (select to_jsonb(s) - 'is_only' from queues.alert_settings s),
    -- Without the key itself.
    'webhook', (select jsonb_build_object('problem', a.problem, 'remedy', a.remedy) from queues.alert_access() a));
end $$;
comment on function queues.alerts_page(jsonb) is
  'The alerts of the last 30 days, open ones first, and whether they can be sent: {items, settings, webhook}.';
revoke all on function queues.alerts_page(jsonb) from public;

create function queues.test_alert(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c_queue constant text := 'alerts';
  v_access record;
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  select * into v_access from queues.alert_access();
  if v_access.problem is not null then
    perform queues.reject('webhook', 'cannot be called: ' || v_access.problem, v_access.remedy);
  end if;
  return jsonb_build_object('affected', 1, 'msg_id', (queues.send(c_queue, jsonb_build_object(
    'v', 1, 'id', format('%s.test', gen_random_uuid()), 'type', 'test', 'timestamp', clock_timestamp(),
    'data', jsonb_build_object()))).msg_id);
end $$;
comment on function queues.test_alert(jsonb) is 'Sends an alert of type `test`. Returns {affected, msg_id}.';
revoke all on function queues.test_alert(jsonb) from public;
