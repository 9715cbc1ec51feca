-- Who hears the broadcasts of notifications. A project without Realtime has no such table, and its migrations make no
-- policy.

create policy "people hear their own notifications" on realtime.messages
  for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) = 'notifications:' || (select auth.uid())::text);
