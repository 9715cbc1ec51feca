-- The triggers of the app.

create function queues.app_search_path() returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return 'public, extensions, pg_temp';
end $$;
comment on function queues.app_search_path() is
  'The search_path for statements that change tables of the app: its triggers may name tables without their schema, and '
  'would inherit ours, which is empty.';
revoke all on function queues.app_search_path() from public;
