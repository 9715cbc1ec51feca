-- So that a registration, a sign-out and the removal of a gone token cannot deadlock.
begin;
select plan(3);

insert into profiles (id) select format('00000000-0000-4000-8000-0000000000a%s', n)::uuid from generate_series(1, 4) n;

-- Locking a row writes the id of the transaction into its xmax.
create function pg_temp.locked(p_call text) returns text language plpgsql as $$
declare
  v_before text[] := array(select format('%s %s', id, xmax) from profiles);
begin
  execute p_call;
  return (
    select string_agg(right(id::text, 2), ' ' order by id) from profiles where format('%s %s', id, xmax) <> all(v_before));
end $$;

set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a1"}';
select is(pg_temp.locked($$select queues.register_device('apns', 'd00d', null, null, null)$$), 'a1', 'when registering');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a2"}';
select is(pg_temp.locked($$select queues.unregister_device('fcm', 'no such token')$$), 'a2', 'when unregistering');
select is(
  pg_temp.locked($$select queues.remove_gone_devices('[
    {"recipient_id": "00000000-0000-4000-8000-0000000000a4", "device_id": null, "token": "no such token"},
    {"recipient_id": "00000000-0000-4000-8000-0000000000a3", "device_id": null, "token": "no such token"}]')$$),
  'a3 a4', 'when a gone device is removed');

select * from finish();
rollback;
