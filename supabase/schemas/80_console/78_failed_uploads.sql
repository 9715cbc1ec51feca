-- Operators look at uploads that failed, to see why. Uploads are private, so at no others.

create function queues.is_failed_upload(p_bucket text, p_path text) returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return exists (select from queues.operators where profile_id = queues.user_id())
    and exists (select from public.post_images where bucket = p_bucket and path = p_path and status = 'failed');
end $$;
comment on function queues.is_failed_upload(text, text) is
  'Whether the caller is an operator and this is the upload of a picture that failed; for a policy on storage.objects.';
revoke all on function queues.is_failed_upload(text, text) from public;
grant execute on function queues.is_failed_upload(text, text) to authenticated;

create function queues.show_failed_uploads() returns text
language plpgsql
set search_path = ''
as $$
begin
  if to_regclass('storage.objects') is null then
    return 'Storage is missing';
  end if;
  if not exists (
    select from pg_catalog.pg_policy
    where polrelid = to_regclass('storage.objects') and polname = 'operators look at uploads that failed'
  ) then
    create policy "operators look at uploads that failed" on storage.objects for select to authenticated
      using (queues.is_failed_upload(bucket_id, name));
  end if;
  return 'operators see uploads that failed';
exception
  when others then
    raise warning 'operators do not see uploads that failed: %', sqlerrm
      using hint = 'select queues.show_failed_uploads() as a role that may create policies on storage.objects';
    return sqlerrm;
end $$;
comment on function queues.show_failed_uploads() is
  'Creates the policy by which operators read uploads that failed. Returns what it did, or why it could not.';
revoke all on function queues.show_failed_uploads() from public;

-- A project may lack Storage.
select queues.show_failed_uploads();
