-- A new function or table fails here until its grants are listed, so that no default exposes it.
begin;
select plan(9);

create temp table expected_function (signature text, callers text[]);
insert into expected_function values
  ('public.claim_messages(text,integer,uuid,boolean)', '{service_role}'),
  ('public.list_notifications(integer,text)', '{authenticated}'),
  ('public.mark_all_notifications_read(timestamp with time zone)', '{authenticated}'),
  ('public.mark_notifications_read(uuid[])', '{authenticated}'),
  ('public.notification_preferences()', '{authenticated}'),
  ('public.queue_metrics()', '{service_role}'),
  ('public.register_device(text,text,text,text,text)', '{authenticated}'),
  ('public.set_notification_preferences(jsonb)', '{authenticated}'),
  ('public.settle_messages(text,jsonb)', '{service_role}'),
  ('public.toggle_post_like(uuid,text)', '{anon,authenticated}'),
  ('public.trending_posts(interval,integer)', '{anon,authenticated,service_role}'),
  ('public.unread_notifications()', '{authenticated}'),
  ('public.unregister_device(text,text)', '{authenticated}'),
  ('public.unsubscribe(text)', '{anon,authenticated,service_role}'),
  ('queues.claim_messages(text,integer,uuid,boolean)', '{service_role}'),
  ('queues.mark_all_notifications_read(timestamp with time zone)', '{authenticated}'),
  ('queues.mark_notifications_read(uuid[])', '{authenticated}'),
  ('queues.close_breaker(text,text)', '{service_role}'),
  ('queues.dead_letters(text,jsonb,integer)', '{service_role}'),
  ('queues.delivery_health()', '{service_role}'),
  ('queues.discard(text,jsonb,integer)', '{service_role}'),
  ('queues.health()', '{service_role}'),
  ('queues.metrics()', '{service_role}'),
  ('queues.notification_preferences()', '{authenticated}'),
  ('queues.pause(text)', '{service_role}'),
  ('queues.peek(text,integer)', '{service_role}'),
  ('queues.redrive(text,jsonb,integer,numeric)', '{service_role}'),
  ('queues.register_device(text,text,text,text,text)', '{authenticated}'),
  ('queues.report_day(date)', '{service_role}'),
  ('queues.resume(text)', '{service_role}'),
  ('queues.set_notification_preferences(jsonb)', '{authenticated}'),
  ('queues.settle_messages(text,jsonb)', '{service_role}'),
  ('queues.toggle_post_like(uuid,text)', '{anon,authenticated}'),
  ('queues.unregister_device(text,text)', '{authenticated}'),
  ('queues.unsubscribe(text)', '{anon,authenticated,service_role}'),
  ('queues.acknowledge(queues.settings,bigint[])', '{}'),
  ('queues.active_workers(text)', '{}'),
  ('queues.add_deliveries(queues.notification_event[])', '{}'),
  ('queues.answered_run(integer,text)', '{}'),
  ('queues.append_failure(jsonb,jsonb)', '{}'),
  ('queues.apply_effects(jsonb)', '{}'),
  ('queues.backlog(text)', '{}'),
  ('queues.base64url_bytes(text)', '{}'),
  ('queues.breakers_for(text[],text[])', '{}'),
  ('queues.broadcast_notifications(uuid[])', '{}'),
  ('queues.call_remedy(queues.settings,text)', '{}'),
  ('queues.call_worker(text,text)', '{}'),
  ('queues.check_array(text,jsonb)', '{}'),
  ('queues.check_device(text,text,text,text,text)', '{}'),
  ('queues.check_effect()', '{}'),
  ('queues.check_hooks()', '{}'),
  ('queues.check_housekeeping()', '{}'),
  ('queues.check_items(text,jsonb,jsonb)', '{}'),
  ('queues.check_keys(text,jsonb,text[])', '{}'),
  ('queues.check_leases(text,jsonb)', '{}'),
  ('queues.check_notifications(jsonb)', '{}'),
  ('queues.check_preferences(jsonb)', '{}'),
  ('queues.check_range(text,numeric,numeric,numeric)', '{}'),
  ('queues.check_rows(text,jsonb,text[])', '{}'),
  ('queues.check_settlement(jsonb)', '{}'),
  ('queues.claim_context(queues.settings,text)', '{}'),
  ('queues.claim_context_alone(queues.settings,text)', '{}'),
  ('queues.claim_deliveries(uuid[])', '{}'),
  ('queues.claim_named_deliveries(jsonb)', '{}'),
  ('queues.cleanup_step()', '{}'),
  ('queues.clock_problem(text)', '{}'),
  ('queues.count_analytics_daily(jsonb)', '{}'),
  ('queues.count_letters(text,text)', '{}'),
  ('queues.count_messages(queues.settings)', '{}'),
  ('queues.count_rows(text,text)', '{}'),
  ('queues.count_trending(jsonb)', '{}'),
  ('queues.counted(text)', '{}'),
  ('queues.counters(text)', '{}'),
  ('queues.create_queue(text)', '{}'),
  ('queues.daily()', '{}'),
  ('queues.dead_letter(queues.settings,jsonb,boolean)', '{}'),
  ('queues.device_token(text,text)', '{}'),
  ('queues.devices_of(uuid,text)', '{}'),
  ('queues.defer(text,jsonb)', '{}'),
  ('queues.delivery_ids(jsonb)', '{}'),
  ('queues.dispatch()', '{}'),
  ('queues.display_name(text)', '{}'),
  ('queues.dying_runs(queues.settings)', '{}'),
  ('queues.email_addresses(uuid[])', '{}'),
  ('queues.enqueue(jsonb)', '{}'),
  ('queues.existing_queue(text)', '{}'),
  ('queues.fail_deliveries(jsonb)', '{}'),
  ('queues.failure(text,text)', '{}'),
  ('queues.fold_hours(text,integer)', '{}'),
  ('queues.fold_settlements(text,timestamp with time zone,timestamp with time zone,integer)', '{}'),
  ('queues.growth_percent(bigint,bigint)', '{}'),
  ('queues.insert_analytics_events(jsonb)', '{}'),
  ('queues.is_unsubscribe_token(text)', '{}'),
  ('queues.is_held_by_another(uuid,text)', '{}'),
  ('queues.joins_since(timestamp with time zone,timestamp with time zone)', '{}'),
  ('queues.judge(queues.settings,queues.queue_health)', '{}'),
  ('queues.lease(queues.settings,integer)', '{}'),
  ('queues.letter_condition(jsonb)', '{}'),
  ('queues.local_time(text)', '{}'),
  ('queues.lock_groups(jsonb)', '{}'),
  ('queues.lock_notifications(jsonb)', '{}'),
  ('queues.lost_leases(text,jsonb)', '{}'),
  ('queues.measure(queues.settings)', '{}'),
  ('queues.missing_tables(text)', '{}'),
  ('queues.notification_context(jsonb)', '{}'),
  ('queues.notification_events(jsonb)', '{}'),
  ('queues.notifications_since()', '{}'),
  ('queues.notify(jsonb)', '{}'),
  ('queues.numbers_since()', '{}'),
  ('queues.open_notifications(queues.notification_event[])', '{}'),
  ('queues.person()', '{}'),
  ('queues.phrase(text[],integer,text)', '{}'),
  ('queues.prune(queues.housekeeping,text,integer)', '{}'),
  ('queues.prune_archive(text,integer)', '{}'),
  ('queues.prune_archived(text,text,integer)', '{}'),
  ('queues.prune_cleanups(integer)', '{}'),
  ('queues.prune_dead_letter_archive(text,integer)', '{}'),
  ('queues.prune_dispatches(text,integer)', '{}'),
  ('queues.prune_job_runs(integer)', '{}'),
  ('queues.prune_breakers(integer)', '{}'),
  ('queues.prune_notification_actors(integer)', '{}'),
  ('queues.prune_notification_deliveries(integer)', '{}'),
  ('queues.prune_notifications(integer)', '{}'),
  ('queues.prune_runs(text,integer)', '{}'),
  ('queues.prune_settlements(text,integer)', '{}'),
  ('queues.prune_trending(integer)', '{}'),
  ('queues.provider_remedy(text,text)', '{}'),
  ('queues.push_service(text,text)', '{}'),
  ('queues.raise_conflict(text,text)', '{}'),
  ('queues.recipients(uuid[])', '{}'),
  ('queues.reconcile_dispatches()', '{}'),
  ('queues.record_actors(queues.notification_event[])', '{}'),
  ('queues.refresh_notifications(queues.notification_event[])', '{}'),
  ('queues.registered_function(text,text,text)', '{}'),
  ('queues.record_deliveries(jsonb)', '{}'),
  ('queues.records_since()', '{}'),
  ('queues.reject(text,text,text)', '{}'),
  ('queues.rejected_letters(queues.settings)', '{}'),
  ('queues.release(text,jsonb)', '{}'),
  ('queues.release_push_token(uuid,text)', '{}'),
  ('queues.remove_gone_devices(jsonb)', '{}'),
  ('queues.rerank_trending()', '{}'),
  ('queues.retry(text,jsonb)', '{}'),
  ('queues.secret(text)', '{}'),
  ('queues.settings_of(text)', '{}'),
  ('queues.touch_run(uuid,text)', '{}'),
  ('queues.take_push_token()', '{}'),
  ('queues.trending_decay()', '{anon,authenticated,service_role}'),
  ('queues.unheard_calls(queues.settings,numeric)', '{}'),
  ('queues.unsubscribe_token(uuid)', '{}'),
  ('queues.update_breakers(jsonb)', '{}'),
  ('queues.wake(text)', '{}'),
  ('queues.wanted_workers(text,integer,integer)', '{}');

create temp table function as
select p.*, format('%s.%s(%s)', p.pronamespace::regnamespace, p.proname,
    (select string_agg(format_type(t, null), ',' order by n) from unnest(p.proargtypes) with ordinality a (t, n))) as signature,
  array(
    select role from unnest(array['anon', 'authenticated', 'service_role']) role
    where has_function_privilege(role, p.oid, 'execute') order by role) as callers
from pg_proc p
where p.pronamespace in ('queues'::regnamespace, 'public'::regnamespace);

select set_eq('select signature, callers from function', 'select signature, callers from expected_function',
  'every function is executable by the roles it is for');
select is_empty(
  $$select signature from function, aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee = 0$$,
  'no function is executable by everyone');
select is_empty(
  $$select signature from function where prosecdef and pronamespace <> 'queues'::regnamespace$$,
  'security definer functions are not exposed');
select is_empty(
  $$select signature from function where not coalesce(proconfig, '{}') @> '{"search_path=\"\""}'$$,
  'every function has an empty search path');
select is_empty(
  $$select signature from function where prolang <> (select oid from pg_language where lanname = 'plpgsql')$$,
  'no function is plain SQL, which could be inlined past its grants');
select is_empty(
  $$select signature from function where obj_description(oid, 'pg_proc') is null$$, 'every function has a comment');

create temp table expected_table (name text, has_rls boolean, grants text[]);
insert into expected_table values
  ('queues.settings', false, '{}'),
  ('queues.circuit_breakers', false, '{}'),
  ('queues.failures', false, '{}'),
  ('queues.runs', false, '{}'),
  ('queues.due', false, '{}'),
  ('queues.effects', false, '{}'),
  ('queues.housekeeping', false, '{}'),
  ('queues.dispatches', false, '{}'),
  ('queues.settlements', false, '{}'),
  ('queues.cleanups', false, '{}'),
  ('queues.notification_actors', false, '{}'),
  ('queues.notification_deliveries', false, '{}'),
  ('queues.notification_settings', false, '{}'),
  ('queues.redrives', false, '{}'),
  ('queues.totals', false, '{}'),
  ('queues.trending_hours', false, '{anon:SELECT,authenticated:SELECT,service_role:SELECT}'),
  ('queues.trending_ranks', false, '{anon:SELECT,authenticated:SELECT,service_role:SELECT}'),
  ('queues.trending_settings', false, '{anon:SELECT,authenticated:SELECT,service_role:SELECT}'),
  ('public.analytics_events', true, '{service_role:SELECT}'),
  ('public.analytics_daily', true, '{service_role:SELECT}'),
  ('public.analytics_reports', true, '{service_role:SELECT}'),
  ('public.devices', true, '{service_role:SELECT}'),
  ('public.notifications', true, '{authenticated:SELECT,service_role:SELECT}'),
  ('public.posts_new', true, '{anon:SELECT,authenticated:SELECT,service_role:DELETE,service_role:INSERT,service_role:SELECT,service_role:UPDATE}'),
  ('public.post_ratings', true, '{service_role:DELETE,service_role:INSERT,service_role:SELECT,service_role:UPDATE}'),
  ('public.profiles', true, '{service_role:DELETE,service_role:INSERT,service_role:SELECT,service_role:UPDATE}');

select set_eq(
  $$select c.oid::regclass::text, relrowsecurity, array(
      select format('%s:%s', coalesce(r.rolname, 'everyone'), privilege_type)
      from aclexplode(c.relacl) left join pg_roles r on r.oid = grantee
      where grantee <> c.relowner and coalesce(r.rolname, '') not like 'pg\_%' order by 1)
    from pg_class c
    where relkind in ('r', 'p', 'v', 'm') and relnamespace in ('queues'::regnamespace, 'public'::regnamespace)$$,
  $$select name::regclass::text, has_rls, grants from expected_table$$,
  'every table has its grants and row level security');
select set_eq(
  $$select table_name || '.' || column_name || ':' || grantee || ':' || privilege_type
    from information_schema.column_privileges c
    where table_schema in ('public', 'queues') and grantee in ('anon', 'authenticated', 'PUBLIC')
      and not has_table_privilege(grantee, format('%I.%I', table_schema, table_name), privilege_type)$$,
  $$values ('profiles.id:anon:SELECT'), ('profiles.username:anon:SELECT'),
    ('profiles.id:authenticated:SELECT'), ('profiles.username:authenticated:SELECT'),
    ('profiles.push_token:authenticated:UPDATE'), ('profiles.email_notifications:authenticated:UPDATE'),
    ('profiles.push_notifications:authenticated:UPDATE'), ('devices.id:authenticated:SELECT'),
    ('devices.provider:authenticated:SELECT'), ('devices.name:authenticated:SELECT'),
    ('devices.created_at:authenticated:SELECT'), ('devices.last_seen_at:authenticated:SELECT')$$,
  'no column has other grants');
select is_empty(
  $$select c.oid::regclass from pg_class c
    where relkind in ('r', 'p') and relnamespace in ('queues'::regnamespace, 'public'::regnamespace)
      and obj_description(oid, 'pg_class') is null$$,
  'every table has a comment');

select * from finish();
rollback;
