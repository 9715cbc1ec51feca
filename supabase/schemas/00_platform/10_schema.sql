-- The schema of this project. What clients call is in public.

create schema queues;
comment on schema queues is
  'Claims, settlements and their records. The API does not expose it: wrappers in public call its functions.';

revoke all on schema queues from public;
-- A wrapper runs as its caller, who must be able to see the function behind it. EXECUTE is granted function by function.
grant usage on schema queues to anon, authenticated, service_role;
