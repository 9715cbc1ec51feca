-- The catalogs of a database, one row per object: (kind, name, detail). Two databases are the same if their rows are the
-- same. This covers what pg-delta misses: the order of columns, storage, statistics targets, options of indexes, comments
-- on attributes, default privileges, event triggers.

with ours as (select oid, nspname from pg_namespace where nspname in ('public', 'queues')),
  around as (select oid, nspname from pg_namespace where nspname in ('cron', 'vault', 'realtime', 'net', 'auth')),
  acls as (
    select 'f' as type, oid, coalesce(proacl, acldefault('f', proowner)) as acl from pg_proc
    union all
    select 'r', oid, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner)) from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'T', oid, coalesce(typacl, acldefault('T', typowner)) from pg_type
    union all
    select 'n', oid, coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace
  ),
  -- Access lists have no order, and granting all privileges equals granting each.
  grants as (
    select a.type, a.oid, string_agg(
      concat(grantee::regrole, '=', privilege_type, case when is_grantable then '*' end, '/', grantor::regrole), ' '
      order by grantee::regrole::text, privilege_type, grantor::regrole::text) as grants
    from acls a, aclexplode(a.acl) group by a.type, a.oid
  )
select 'schema' as kind, n.nspname as name, jsonb_build_object(
  'owner', n.nspowner::regrole, 'grants', g.grants, 'comment', obj_description(n.oid, 'pg_namespace')) as detail
from pg_namespace n left join grants g on g.type = 'n' and g.oid = n.oid
where n.nspname !~ '^pg_(toast|temp)' and n.nspname <> 'supabase_migrations'

union all
select 'function', p.oid::regprocedure::text, jsonb_build_object(
  'body', md5(concat(p.prosrc, pg_get_function_sqlbody(p.oid))), 'arguments', pg_get_function_arguments(p.oid),
  'result', pg_get_function_result(p.oid), 'language', l.lanname, 'kind', p.prokind, 'settings', p.proconfig,
  'security definer', p.prosecdef, 'volatility', p.provolatile, 'strict', p.proisstrict, 'leakproof', p.proleakproof,
  'parallel', p.proparallel, 'cost', p.procost, 'rows', p.prorows, 'owner', p.proowner::regrole, 'grants', g.grants,
  'comment', obj_description(p.oid, 'pg_proc'))
from pg_proc p
join ours on ours.oid = p.pronamespace
join pg_language l on l.oid = p.prolang
left join grants g on g.type = 'f' and g.oid = p.oid

union all
select 'relation', c.oid::regclass::text, jsonb_build_object(
  'kind', c.relkind, 'options', c.reloptions, 'row level security', c.relrowsecurity, 'forced', c.relforcerowsecurity,
  'persistence', c.relpersistence, 'replica identity', c.relreplident, 'method', am.amname, 'tablespace', c.reltablespace,
  'partition', pg_get_expr(c.relpartbound, c.oid), 'parents', (
    select string_agg(i.inhparent::regclass::text, ' ' order by i.inhseqno) from pg_inherits i where i.inhrelid = c.oid),
  'definition', case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
  'owner', c.relowner::regrole, 'grants', g.grants, 'comment', obj_description(c.oid, 'pg_class'),
  'columns in order', (
    select string_agg(a.attname, ' ' order by a.attnum) from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
from pg_class c
join ours on ours.oid = c.relnamespace
left join pg_am am on am.oid = c.relam
left join grants g on g.type = 'r' and g.oid = c.oid

union all
select 'column', concat(c.oid::regclass, '.', a.attname), jsonb_build_object(
  'type', format_type(a.atttypid, a.atttypmod), 'not null', a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
  'identity', a.attidentity, 'generated', a.attgenerated, 'collation', a.attcollation::regcollation,
  'storage', a.attstorage, 'compression', a.attcompression, 'statistics', a.attstattarget, 'options', a.attoptions,
  'grants', (select string_agg(x::text, ' ' order by x::text) from unnest(a.attacl) x),
  'comment', col_description(c.oid, a.attnum))
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join ours on ours.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped

union all
select 'constraint', concat(coalesce(nullif(c.conrelid, 0)::regclass::text, c.contypid::regtype::text), '.', c.conname),
  jsonb_build_object(
    'definition', pg_get_constraintdef(c.oid), 'validated', c.convalidated, 'deferrable', c.condeferrable,
    'deferred', c.condeferred, 'comment', obj_description(c.oid, 'pg_constraint'))
from pg_constraint c join ours on ours.oid = c.connamespace

union all
select 'index', i.indexrelid::regclass::text, jsonb_build_object(
  'definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid, 'clustered', i.indisclustered,
  'replica identity', i.indisreplident)
from pg_index i join pg_class c on c.oid = i.indexrelid join ours on ours.oid = c.relnamespace

union all
select 'trigger', concat(t.tgrelid::regclass, '.', t.tgname), jsonb_build_object(
  'definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled, 'comment', obj_description(t.oid, 'pg_trigger'))
from pg_trigger t join pg_class c on c.oid = t.tgrelid
-- Those of queues come with the rows of queues.settings.
where not t.tgisinternal and c.relnamespace is distinct from to_regnamespace('pgmq')

union all
select 'policy', concat(p.polrelid::regclass, '.', p.polname), jsonb_build_object(
  'command', p.polcmd, 'permissive', p.polpermissive, 'roles', p.polroles::regrole[]::text,
  'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
  'comment', obj_description(p.oid, 'pg_policy'))
from pg_policy p

union all
select 'rule', concat(r.ev_class::regclass, '.', r.rulename), jsonb_build_object(
  'definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled, 'comment', obj_description(r.oid, 'pg_rewrite'))
from pg_rewrite r join pg_class c on c.oid = r.ev_class join ours on ours.oid = c.relnamespace

union all
select 'type', t.oid::regtype::text, jsonb_build_object(
  'kind', t.typtype, 'labels', (select array_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
  'base', case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end, 'not null', t.typnotnull,
  'default', t.typdefault, 'owner', t.typowner::regrole, 'grants', g.grants, 'comment', obj_description(t.oid, 'pg_type'))
from pg_type t
join ours on ours.oid = t.typnamespace
left join grants g on g.type = 'T' and g.oid = t.oid
where t.typelem = 0

union all
select 'sequence', s.seqrelid::regclass::text, jsonb_build_object(
  'type', s.seqtypid::regtype, 'start', s.seqstart, 'increment', s.seqincrement, 'max', s.seqmax, 'min', s.seqmin,
  'cache', s.seqcache, 'cycle', s.seqcycle, 'owned by', (
    select string_agg(concat(d.refobjid::regclass, '.', d.refobjsubid, ' ', d.deptype), ' ') from pg_depend d
    where d.objid = s.seqrelid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')))
from pg_sequence s join pg_class c on c.oid = s.seqrelid join ours on ours.oid = c.relnamespace

union all
select 'default privileges', concat(d.defaclrole::regrole, ' ', nullif(d.defaclnamespace, 0)::regnamespace, ' ', d.defaclobjtype),
  jsonb_build_object('grants', (select string_agg(x::text, ' ' order by x::text) from unnest(d.defaclacl) x))
from pg_default_acl d

union all
select 'extension', e.extname, jsonb_build_object(
  'version', e.extversion, 'schema', e.extnamespace::regnamespace, 'owner', e.extowner::regrole)
from pg_extension e

union all
select 'event trigger', e.evtname, jsonb_build_object(
  'event', e.evtevent, 'function', e.evtfoid::regproc, 'enabled', e.evtenabled, 'tags', e.evttags)
from pg_event_trigger e

union all
select 'publication', p.pubname, jsonb_build_object(
  'all tables', p.puballtables, 'tables', (
    select string_agg(r.prrelid::regclass::text, ' ' order by r.prrelid::regclass::text) from pg_publication_rel r
    where r.prpubid = p.oid))
from pg_publication p

union all
select 'statistics', concat(s.stxnamespace::regnamespace, '.', s.stxname), jsonb_build_object(
  'definition', pg_get_statisticsobjdef(s.oid), 'target', s.stxstattarget)
from pg_statistic_ext s

union all
-- Not made by the schemas, but their functions must not be changed by them either.
select 'relation around', c.oid::regclass::text, jsonb_build_object(
  'kind', c.relkind, 'options', c.reloptions, 'grants', g.grants)
from pg_class c
join around on around.oid = c.relnamespace
left join grants g on g.type = 'r' and g.oid = c.oid
where c.relkind in ('r', 'p', 'S', 'v')
