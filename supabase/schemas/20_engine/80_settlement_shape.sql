-- The shape of a settlement is checked before anything is locked, and an error names the field. Each effect checks its
-- own rows.

create function queues.check_leases(p_field text, p_leases jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  -- The JSON of two integers in range.
  c_lease constant text := '\[[0-9]{1,18}, [0-9]{1,9}\]';
  v_place bigint;
begin
  perform queues.check_array(p_field, p_leases);
  -- All at once first, which is much faster than one at a time.
  if p_leases::text !~ format('^\[(%s(, )?)*\]$', c_lease) then
    select place - 1 into v_place
    from jsonb_array_elements(p_leases) with ordinality l (lease, place)
    where lease::text !~ format('^%s$', c_lease)
    limit 1;
    perform queues.reject(format('%s[%s]', p_field, v_place), 'is not a lease', 'a lease is [msg_id, read_ct]');
  end if;
end $$;
comment on function queues.check_leases(text, jsonb) is 'Rejects a value that is not an array of [msg_id, read_ct].';
revoke all on function queues.check_leases(text, jsonb) from public;

create function queues.check_settlement(p_settlement jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_failed constant jsonb := jsonb_build_object(
    'msg_id', '^\d{1,18}$', 'read_ct', '^\d{1,9}$', 'code', '^".{1,100}"$', 'error', '^"',
    'delivered', '^$|^null$|^\[("([^"\\]|\\.)*"(, )?)*\]$');
  c_delayed constant jsonb := c_failed || jsonb_build_object('delay_secs', '^\d{1,7}$');
  v_effects jsonb := coalesce(p_settlement -> 'effects', '{}');
begin
  perform queues.check_keys('settlement', p_settlement, array[
    'run_id', 'seq', 'stopped_because', 'error', 'acks', 'drops', 'releases', 'retries', 'deferrals', 'dead_letters', 'effects']);

  if coalesce(p_settlement ->> 'run_id', '') !~* '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$' then
    perform queues.reject('run_id', 'is not a uuid', 'null if no run is recorded');
  end if;
  if p_settlement ->> 'run_id' is not null
    and coalesce((p_settlement -> 'seq')::text, '') !~ '^[1-9]\d{0,17}$' then
    perform queues.reject('seq', 'is not a positive integer', 'number the settlements of a run: 1, 2, 3');
  end if;
  if jsonb_typeof(p_settlement -> 'stopped_because') not in ('string', 'null') then
    perform queues.reject('stopped_because', 'is not a string', 'null until the run ends');
  end if;

  perform queues.check_leases('acks', p_settlement -> 'acks');
  perform queues.check_leases('releases', p_settlement -> 'releases');
  if p_settlement ? 'error' then
    perform queues.check_items('error', jsonb_build_array(p_settlement -> 'error'), '{"code": "^\".{1,100}\"$", "error": "^\""}');
  end if;
  perform queues.check_items('drops', p_settlement -> 'drops', c_failed - 'delivered');
  perform queues.check_items('dead_letters', p_settlement -> 'dead_letters', c_failed);
  perform queues.check_items('retries', p_settlement -> 'retries', c_delayed);
  perform queues.check_items('deferrals', p_settlement -> 'deferrals', c_delayed);

  perform queues.check_keys('effects', v_effects, array(select key from queues.effects));
end $$;
comment on function queues.check_settlement(jsonb) is 'Rejects a malformed settlement.';
revoke all on function queues.check_settlement(jsonb) from public;
