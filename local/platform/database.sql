-- What a Supabase project's database has before its first migration. Run as the superuser.

do $$ begin
  execute format('alter database %I owner to postgres', current_database());
end $$;

grant usage on schema public to anon, authenticated, service_role;
grant create on schema public to postgres;

-- New objects in public get no grants: since October 2026 migrations state them.
-- (Postgres still lets everyone execute a new function; revoke that where it matters.)

create schema extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role;
create extension pgcrypto with schema extensions;
create extension "uuid-ossp" with schema extensions;

-- PostgREST stores the claims of the caller's token in request.jwt.claims.
create schema auth;
grant usage on schema auth to postgres, anon, authenticated, service_role;

create function auth.jwt() returns jsonb language sql stable as $$
  select nullif(current_setting('request.jwt.claims', true), '')::jsonb
$$;
create function auth.uid() returns uuid language sql stable as $$
  select (auth.jwt() ->> 'sub')::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select auth.jwt() ->> 'role'
$$;
create function auth.email() returns text language sql stable as $$
  select auth.jwt() ->> 'email'
$$;
