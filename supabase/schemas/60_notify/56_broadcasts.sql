-- Who receives the broadcasts of notifications. In a project without Realtime this table is missing, and the migrations
-- create no policy.

create policy "people hear their own notifications" on realtime.messages
  for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) = 'notifications:' || ((select auth.jwt()) ->> 'sub'));
