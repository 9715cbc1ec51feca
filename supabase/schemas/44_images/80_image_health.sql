-- How pictures are doing, for whoever operates them. The health of the queue itself is in queues.health.

create function queues.storage_problem(out reason text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_settings queues.image_settings;
begin
  select * into v_settings from queues.image_settings;
  if to_regclass('storage.objects') is null then
    return;
  end if;
  if not exists (
    select from pg_catalog.pg_trigger
    where tgrelid = to_regclass('storage.objects') and tgname = 'queues_note_upload' and tgenabled in ('O', 'A')
  ) then
    reason := 'uploads are not noticed: storage.objects lacks the trigger `queues_note_upload`';
    remedy := 'select queues.watch_uploads()';
  elsif (select count(*) from storage.buckets where id in (v_settings.uploads_bucket, v_settings.images_bucket)) < 2 then
    reason := format('the bucket `%s` or `%s` is missing', v_settings.uploads_bucket, v_settings.images_bucket);
    remedy := 'select queues.watch_uploads()';
  elsif (select public from storage.buckets where id = v_settings.uploads_bucket) then
    reason := format('the bucket `%s` is public: everybody can read uploads, with the places where they were taken',
      v_settings.uploads_bucket);
    remedy := format('update storage.buckets set public = false where id = %L', v_settings.uploads_bucket);
  elsif not (select public from storage.buckets where id = v_settings.images_bucket) then
    reason := format('the bucket `%s` is not public: nobody sees its pictures', v_settings.images_bucket);
    remedy := format('update storage.buckets set public = true where id = %L', v_settings.images_bucket);
  end if;
exception
  when insufficient_privilege or undefined_table or undefined_column then
    reason := format('Storage cannot be read: %s', sqlerrm);
    remedy := format('grant usage on schema storage to %I; grant select on all tables in schema storage to %I', current_user, current_user);
end $$;
comment on function queues.storage_problem() is 'What is wrong with the buckets and the trigger, and what to do about it. Never raises.';
revoke all on function queues.storage_problem() from public;

create function queues.image_health() returns table (
  status text, reason text, remedy text, pending bigint, oldest_pending_secs numeric, held bigint, ready_24h bigint,
  failed_24h jsonb, problems bigint, removals bigint
)
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  -- What a person may have to wait.
  c_late_secs constant integer := 900;
  v_now timestamptz := clock_timestamp();
begin
  select count(*), extract(epoch from v_now - min(i.created_at))::numeric(20, 1)
  into pending, oldest_pending_secs from public.post_images i where i.status = 'pending';
  select count(*) into held from public.post_images i where i.status = 'held';
  select count(*) into ready_24h from public.post_images i where i.processed_at > v_now - interval '1 day' and i.status = 'ready';
  select coalesce(jsonb_object_agg(f.reason, f.n), '{}') into failed_24h
  from (
    select i.reason, count(*) as n from public.post_images i
    where i.processed_at > v_now - interval '1 day' and i.status = 'failed' group by i.reason
  ) f;
  select count(*) into problems from queues.upload_problems;
  select count(*) into removals from queues.image_removals;

  status := 'ok';
  select s.reason, s.remedy into reason, remedy from queues.storage_problem() s;
  if reason is not null then
    status := 'failing';
  elsif oldest_pending_secs > c_late_secs then
    status := 'late';
    reason := queues.one_or_many(pending, '%s picture has waited to be processed for %s s',
      '%s pictures wait to be processed, the oldest for %s s', round(oldest_pending_secs)::text);
    remedy := 'select * from queues.health() where queue = ''image_processing''';
  elsif exists (select from queues.upload_problems where code !~ '^PT' and tries > 3) then
    status := 'late';
    reason := format('uploads cannot be taken: %s', (
      select error from queues.upload_problems where code !~ '^PT' order by last_at desc limit 1));
    remedy := 'select * from queues.upload_problems order by last_at desc';
  end if;
  return next;
end $$;
comment on function queues.image_health() is
  'How pictures are doing: ok, late or failing, the reason, and what to do; what waits, and the results of the last 24 hours.';
revoke all on function queues.image_health() from public;
grant execute on function queues.image_health() to service_role;
