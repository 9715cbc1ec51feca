-- What the migrations make outside of schemas public and queues, and the rows that they store: one line each. The lines of a
-- queue are in inventory/<queue>.txt, all others in inventory/database.txt.

select line from (
  select format('job %s: %s, %s', jobname, schedule, command) as line from cron.job
  union all
  select format('queue %s', queue_name) from pgmq.meta
  union all
  select format('table %s%s', c.oid::regclass, ' with (' || array_to_string(c.reloptions, ', ') || ')')
  from pg_class c where c.relnamespace = 'pgmq'::regnamespace and c.relkind in ('r', 'p') and c.relname ~ '^[aq]_'
  union all
  select format('grant on %s to %s', c.oid::regclass, grantee::regrole)
  from pg_class c, aclexplode(c.relacl)
  where c.relnamespace = 'pgmq'::regnamespace and grantee not in (c.relowner, 'pg_monitor'::regrole)
  union all
  select format('policy %s on %s for %s to %s using %s', p.polname, p.polrelid::regclass, p.polcmd,
    p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid))
  from pg_policy p join pg_class c on c.oid = p.polrelid
  where c.relnamespace not in ('public'::regnamespace, 'queues'::regnamespace)
  union all
  select pg_get_triggerdef(t.oid) from pg_trigger t join pg_proc f on f.oid = t.tgfoid
  -- The triggers of Storage are not ours.
  where not tgisinternal and f.pronamespace::regnamespace::text <> 'storage'
  union all
  select format('event trigger %s on %s', evtname, evtevent) from pg_event_trigger
  union all
  -- Realtime's are the platform's.
  select format('publication %s', pubname) from pg_publication where pubname not like 'supabase\_realtime%'
  union all
  select format('extension %s in %s', extname, extnamespace::regnamespace) from pg_extension
  union all
  select format('secret %s: %s', name, description) from vault.secrets
  union all
  -- What is not as its default says.
  select format('settings of %s: %s', s.queue, (
    select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(s))
    where key <> 'queue' and value #>> '{}' is distinct from (
      select pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
      where adrelid = 'queues.settings'::regclass and attname = key)))
  from queues.settings s
  union all
  select format('effect %s at %s: queues.%s', key, position, function) from queues.effects
  union all
  select format('housekeeping %s at %s: %s queues.%s', key, position, kind, function) || coalesce(', drains ' || drains, '')
  from queues.housekeeping
  union all
  select format('gauge %s by %s: queues.%s', name, label, function) from queues.gauges
  union all
  select format('%s %s of the console: queues.%s', kind, key, function) from queues.console
  union all
  select format('trending_settings %s', to_jsonb(s)) from queues.trending_settings s
  union all
  select format('rate limit of %s', to_jsonb(l)) from queues.rate_limits l
  union all
  select format('tracked event %s', event) from queues.tracked_events
  union all
  -- The seed differs in each database.
  select format('rate_limit_settings %s', to_jsonb(s) - 'key_seed') from queues.rate_limit_settings s
  union all
  select format('notification_settings %s', to_jsonb(s)) from queues.notification_settings s
  union all
  select format('circuit_breakers %s', to_jsonb(s) - 'updated_at') from queues.circuit_breakers s
  union all
  -- Of every other table: how many rows the migrations stored.
  select format('rows of %s: %s', c.oid::regclass,
    (xpath('//n/text()', query_to_xml(format('select count(*) as n from %s', c.oid::regclass), false, true, '')))[1])
  from pg_class c
  where c.relnamespace in ('public'::regnamespace, 'queues'::regnamespace) and c.relkind in ('r', 'p')
    and c.oid not in ('queues.settings'::regclass, 'queues.effects'::regclass, 'queues.housekeeping'::regclass,
      -- One for each queue.
      'queues.due'::regclass)
) inventory
order by line collate "C"
