-- The schema of everything that is not the app's.

create schema queues;
comment on schema queues is
  'Claims, settlements and their records. Not exposed by the API: its functions are reached through wrappers in public.';

revoke all on schema queues from public;
-- A wrapper runs as its caller, so the caller must be able to see the function behind it. For anon and authenticated
-- that is toggle_post_like and the trending posts; what a role may execute is granted function by function.
grant usage on schema queues to anon, authenticated, service_role;
