-- Extensions.

-- pgmq holds the queues: as an extension if the server has it, else as the SQL that pgmq publishes, loaded beforehand.
-- Only functions of version 1.5 are used, and columns are always named.
do $$
declare
  v_missing text;
begin
  if to_regprocedure('pgmq.create(text)') is null then
    if not exists (select from pg_available_extensions where name = 'pgmq') then
      raise exception 'this database has no pgmq'
        using hint = 'enable the extension pgmq (in Supabase: Integrations, Queues), or load the SQL of pgmq 1.5 '
                     'or newer into a schema named pgmq, then apply the migrations again';
    end if;
    create extension pgmq;
  end if;

  select string_agg(needed, ', ') into v_missing
  from unnest(array['pgmq.archive(text, bigint[])', 'pgmq.delete(text, bigint[])', 'pgmq.send(text, jsonb, jsonb)']) needed
  where to_regprocedure(needed) is null;
  if v_missing is not null then
    raise exception 'this pgmq is too old: it lacks %', v_missing
      using hint = 'update it to 1.5 or newer: alter extension pgmq update';
  end if;
end $$;

-- pg_net sends the calls of the dispatcher, pg_cron runs it, Vault holds its secrets. Without one of them, messages wait
-- until a worker is called by other means.
do $$
declare
  v_extension text;
begin
  foreach v_extension in array array['pg_net', 'pg_cron', 'supabase_vault'] loop
    if exists (select from pg_available_extensions where name = v_extension and installed_version is null) then
      execute format('create extension %I', v_extension);
    end if;
  end loop;
  if to_regprocedure('net.http_post(text, jsonb, jsonb, jsonb, integer)') is null then
    raise notice 'pg_net is missing: workers are not called until it is enabled';
  end if;
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    raise notice 'pg_cron is missing: queues are not dispatched until it is enabled';
  end if;
end $$;
