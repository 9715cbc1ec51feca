-- What the dispatcher needs of the platform: pg_net sends its calls, pg_cron keeps its time, Vault holds its secrets.
-- Where an extension is neither here nor to be had, messages wait until a worker is called in another way.
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
    raise notice 'pg_net is missing: nothing will call the workers until it is enabled';
  end if;
  if to_regprocedure('cron.schedule(text, text, text)') is null then
    raise notice 'pg_cron is missing: nothing will dispatch until it is enabled';
  end if;
end $$;
