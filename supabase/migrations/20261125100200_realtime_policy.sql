-- People receive the broadcasts of their own notifications. In a project without Realtime there are no broadcasts.
do $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    raise notice 'Realtime is missing: notifications are not broadcast';
    return;
  end if;
  create policy "people hear their own notifications" on realtime.messages
    for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'notifications:' || ((select auth.jwt()) ->> 'sub'));
exception
  when insufficient_privilege then
    raise warning 'people cannot receive the broadcasts of their notifications: %', sqlerrm
      using hint = 'create the policy "people hear their own notifications" of this migration on realtime.messages '
                   'as a role that may';
end $$;
