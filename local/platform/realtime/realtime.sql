-- Stand-in for Supabase Realtime in the database: the table of broadcasts, its functions, and the publications that
-- realtime.ts reads. For development and tests only. As on the platform, the project's owner does not own the functions.
create schema realtime;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

create table realtime.messages (
  id uuid not null default gen_random_uuid(),
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  primary key (id, inserted_at)
) partition by range (inserted_at);
create table realtime.messages_any_day partition of realtime.messages default;
-- On the platform the project's owner may create policies on it.
alter table realtime.messages owner to postgres;
alter table realtime.messages enable row level security;
grant select, insert, update on realtime.messages to anon, authenticated, service_role;

-- The topic to join: Realtime sets it before it checks which messages the person may select.
create function realtime.topic() returns text language sql stable as $$
  select nullif(current_setting('realtime.topic', true), '')
$$;

create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql as $$
begin
  perform set_config('realtime.topic', $3, true);
  insert into realtime.messages (payload, event, topic, private, extension) values ($1, $2, $3, $4, 'broadcast');
exception
  when others then
    raise warning 'cannot send a broadcast: %', sqlerrm;
end $$;

-- Servers that do not run realtime.ts need no `wal_level` logical, and only warn.
create publication supabase_realtime_messages_publication for table realtime.messages
  with (publish = 'insert', publish_via_partition_root = true);
-- The project's owner adds the tables whose changes clients may hear.
create publication supabase_realtime;
alter publication supabase_realtime owner to postgres;
