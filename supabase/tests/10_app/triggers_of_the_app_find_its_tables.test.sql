-- Triggers of an app name its tables without their schema, and run inside our functions.
begin;
select plan(5);

create table changes (profile_id uuid);
create function pg_temp.record() returns trigger language plpgsql as $$
begin
  insert into changes values (new.id);
  return new;
end $$;
insert into profiles (id, push_token) values ('00000000-0000-4000-8000-00000000000a', 'T');
create trigger record before update on profiles for each row execute function pg_temp.record();

create function pg_temp.as_person(p_call text) returns void language plpgsql as $$
begin
  set local role authenticated;
  set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a", "role": "authenticated"}';
  execute p_call;
  reset role;
end $$;

select lives_ok($$select pg_temp.as_person('select set_notification_preferences(''{"language": "es"}'')')$$, 'preferences');
select lives_ok($$select pg_temp.as_person('select unregister_device(''fcm'', ''T'')')$$, 'a device that signs out');
select lives_ok(
  $$select unsubscribe(queues.unsubscribe_token('00000000-0000-4000-8000-00000000000a'))$$, 'a link to unsubscribe');
update profiles set push_token = 'T2';
select lives_ok($$select queues.remove_gone_devices(
  '[{"recipient_id": "00000000-0000-4000-8000-00000000000a", "token": "T2"}]')$$, 'a token that is gone');
select is((select count(*)::int from changes), 5, 'each change ran the trigger');

select * from finish();
rollback;
