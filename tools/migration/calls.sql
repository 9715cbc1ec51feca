-- Calls in the bodies of functions to functions that do not exist, which Postgres notices only at run time.
select distinct p.oid::regprocedure::text as caller, call[1] || '.' || call[2] as called
from pg_proc p
cross join lateral regexp_replace(p.prosrc, '--[^\n]*', '', 'g') body
-- `insert into queues.runs (…)` looks like a call too, so relations count as known.
cross join lateral regexp_matches(body, '\m(queues|public)\.([a-z_][a-z0-9_]*) *\(', 'g') call
where p.pronamespace in ('queues'::regnamespace, 'public'::regnamespace)
  and not exists (select from pg_proc f where f.pronamespace = call[1]::regnamespace and f.proname = call[2])
  and to_regclass(call[1] || '.' || call[2]) is null
order by 1, 2
