-- Who hears the broadcasts of notifications: each person those of their own topic. Where the project has no Realtime
-- there are none.
do $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    raise notice 'Realtime is missing: notifications are not broadcast';
    return;
  end if;
  create policy "people hear their own notifications" on realtime.messages
    for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'notifications:' || (select auth.uid())::text);
exception
  when insufficient_privilege then
    raise warning 'people cannot hear the broadcasts of their notifications: %', sqlerrm
      using hint = 'create the policy "people hear their own notifications" of this migration on realtime.messages '
                   'as a role that may';
end $$;
