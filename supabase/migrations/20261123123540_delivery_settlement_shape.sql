-- The shape of a settlement, with messages put off and with what became of deliveries.

create or replace function queues.check_settlement(p_settlement jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_failed constant jsonb := jsonb_build_object(
    'msg_id', '^\d{1,18}$', 'read_ct', '^\d{1,9}$', 'code', '^".{1,100}"$', 'error', '^"',
    'delivered', '^$|^null$|^\[("([^"\\]|\\.)*"(, )?)*\]$');
  c_delayed constant jsonb := c_failed || jsonb_build_object('delay_secs', '^\d{1,7}$');
  v_effects jsonb := coalesce(p_settlement -> 'effects', '{}');
  v_key text;
begin
  perform queues.check_keys('settlement', p_settlement, array[
    'run_id', 'seq', 'stopped_because', 'acks', 'releases', 'retries', 'deferrals', 'dead_letters', 'effects']);

  if coalesce(p_settlement ->> 'run_id', '') !~* '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$' then
    perform queues.reject('run_id', 'is not a uuid', 'null where no run is recorded');
  end if;
  if p_settlement ->> 'run_id' is not null
    and coalesce((p_settlement -> 'seq')::text, '') !~ '^[1-9]\d{0,17}$' then
    perform queues.reject('seq', 'is not a positive whole number', 'count the settlements of a run: 1, 2, 3');
  end if;
  if jsonb_typeof(p_settlement -> 'stopped_because') not in ('string', 'null') then
    perform queues.reject('stopped_because', 'is not a string', 'null until the run ends');
  end if;

  perform queues.check_leases('acks', p_settlement -> 'acks');
  perform queues.check_leases('releases', p_settlement -> 'releases');
  perform queues.check_items('dead_letters', p_settlement -> 'dead_letters', c_failed);
  perform queues.check_items('retries', p_settlement -> 'retries', c_delayed);
  perform queues.check_items('deferrals', p_settlement -> 'deferrals', c_delayed);

  perform queues.check_keys('effects', v_effects, array[
    'enqueue', 'analytics_events', 'analytics_daily', 'trending', 'notifications', 'deliveries', 'gone_devices', 'breakers']);
  if v_effects ? 'enqueue' then
    perform queues.check_keys('effects.enqueue', v_effects -> 'enqueue', array(select queue from queues.settings));
    for v_key in select jsonb_object_keys(v_effects -> 'enqueue') loop
      perform queues.check_array('effects.enqueue.' || v_key, v_effects -> 'enqueue' -> v_key);
    end loop;
  end if;
  perform queues.check_rows('effects.analytics_events', v_effects -> 'analytics_events',
    array['event_type', 'post_id', 'session_id', 'profile_id', 'metadata', 'created_at']);
  perform queues.check_rows('effects.analytics_daily', v_effects -> 'analytics_daily',
    array['day', 'event_type', 'post_id', 'count']);
  perform queues.check_rows('effects.trending', v_effects -> 'trending',
    array['post_id', 'hour', 'weight', 'gain', 'likes']);
  perform queues.check_delivery_effects(v_effects);
end $$;

create function queues.check_delivery_effects(p_effects jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_id constant text := '"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"';
  -- What may be null may also be left out.
  c_id_or_null constant text := format('^(|null|%s)$', c_id);
  c_text_or_null constant text := '^($|null$|")';
  c_targets constant text[] := array['channel', 'device_id', 'delay_secs', 'skipped'];
  v_bad record;
begin
  perform queues.check_rows('effects.notifications', p_effects -> 'notifications', array[
    'recipient_id', 'type', 'group', 'since', 'actor', 'actor_profile_id', 'at', 'withdrawn', 'title', 'bodies', 'someone',
    'url', 'data', 'deliveries']);
  -- All at once first, as in queues.check_rows.
  select place - 1 as place, value -> 'deliveries' as targets into v_bad
  from jsonb_array_elements(p_effects -> 'notifications') with ordinality n (value, place)
  where case when jsonb_typeof(value -> 'deliveries') = 'array' then exists (
      select from jsonb_array_elements(value -> 'deliveries') target
      where case when jsonb_typeof(target) = 'object' then target - c_targets <> '{}' else true end)
    else value ? 'deliveries' end
  limit 1;
  if found then
    perform queues.check_rows(format('effects.notifications[%s].deliveries', v_bad.place), v_bad.targets, c_targets);
  end if;

  perform queues.check_items('effects.deliveries', p_effects -> 'deliveries', jsonb_build_object(
    'id', format('^%s$', c_id), 'status', '^"(pending|sending|sent|skipped|failed)"$', 'reason', c_text_or_null,
    'provider', c_text_or_null, 'provider_message_id', c_text_or_null));
  perform queues.check_items('effects.gone_devices', p_effects -> 'gone_devices', jsonb_build_object(
    'recipient_id', format('^%s$', c_id), 'device_id', c_id_or_null, 'token', '^"'));
  perform queues.check_items('effects.breakers', p_effects -> 'breakers', jsonb_build_object(
    'provider', '^".{1,50}"$', 'version', '^\d{1,18}$', 'failures', '^\d{1,9}$', 'trips', '^\d{1,9}$',
    'open_secs', '^(|null|\d{1,7})$', 'reason', c_text_or_null));
end $$;
comment on function queues.check_delivery_effects(jsonb) is
  'Refuses malformed notifications, and what is malformed about deliveries, devices and breakers.';
revoke all on function queues.check_delivery_effects(jsonb) from public;
