-- The functions and tables of schema public as TypeScript needs them, one row each.
select 'function' as kind, p.proname::text as name, obj_description(p.oid, 'pg_proc') as comment,
  coalesce((
    select jsonb_agg(jsonb_build_object('name', a.name, 'type', a.type::regtype::text,
      'optional', a.place > p.pronargs - p.pronargdefaults) order by a.place)
    from unnest(p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes)
      with ordinality a (name, type, mode, place)
    where coalesce(a.mode, 'i') in ('i', 'b')), '[]') as fields,
  case when p.proallargtypes is not null then (
    select jsonb_agg(jsonb_build_object('name', a.name, 'type', a.type::regtype::text) order by a.place)
    from unnest(p.proargnames, p.proallargtypes, p.proargmodes) with ordinality a (name, type, mode, place)
    where a.mode in ('t', 'o')) end as columns,
  p.prorettype::regtype::text as returns, p.proretset as returns_set
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and p.prorettype <> 'trigger'::regtype
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
union all
select 'table', c.relname, obj_description(c.oid, 'pg_class'), (
    select jsonb_agg(jsonb_build_object('name', attname, 'type', atttypid::regtype::text, 'nullable', not attnotnull,
      'optional', atthasdef or not attnotnull or attidentity <> '', 'generated', attgenerated <> '') order by attnum)
    from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped),
  null, null, null
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by 1, 2
