-- Pictures go with their post, uploads that were missed are found, and what nobody needs is removed.

create function queues.forget_posts() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.post_images where post_id in (select id from gone);
  return null;
exception
  when others then
    -- The deletion of a post must not fail: housekeeping finds its pictures.
    raise warning 'the pictures of deleted posts are removed later: %', sqlerrm;
    return null;
end $$;
comment on function queues.forget_posts() is 'Deletes the pictures of posts that are deleted.';
revoke all on function queues.forget_posts() from public;

create trigger forget_pictures after delete on public.posts_new
  referencing old table as gone
  for each statement execute function queues.forget_posts();

create function queues.prune_images(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => orphan_days) from queues.image_settings);
  v_removed integer;
begin
  delete from public.post_images where id = any(array(
    select i.id from public.post_images i
    where i.created_at < v_before and not exists (select from public.posts_new p where p.id = i.post_id)
    order by i.created_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_images(integer) is 'Removes pictures without a post.';
revoke all on function queues.prune_images(integer) from public;

create function queues.try_upload(p_bucket text, p_path text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  perform queues.add_upload(p_bucket, p_path, queues.stored_bytes(p_bucket, p_path));
  return true;
exception
  when others then
    perform queues.record_upload_problem(p_bucket, p_path, sqlstate, sqlerrm);
    return false;
end $$;
comment on function queues.try_upload(text, text) is 'Has an upload processed, or records why that is not possible.';
revoke all on function queues.try_upload(text, text) from public;

create function queues.retry_uploads(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_uploads constant integer := 20;
  v_problem queues.upload_problems;
begin
  for v_problem in
    select * from queues.upload_problems
    where code !~ '^PT' and last_at < clock_timestamp() - make_interval(secs => 10 * 2 ^ least(tries, 8))
    order by last_at limit least(p_limit, c_uploads) for update skip locked
  loop
    if queues.is_stored(v_problem.bucket, v_problem.path) is false then
      delete from queues.upload_problems where bucket = v_problem.bucket and path = v_problem.path;
    else
      perform queues.try_upload(v_problem.bucket, v_problem.path);
    end if;
  end loop;
  return 0;
end $$;
comment on function queues.retry_uploads(integer) is
  'Tries uploads again that the trigger could not take, with growing delays.';
revoke all on function queues.retry_uploads(integer) from public;

create function queues.find_missed_uploads(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_bucket text := queues.uploads_bucket();
  v_names text[];
begin
  select array_agg(o.name) into v_names
  from (
    select o.name from storage.objects o
    where o.bucket_id = v_bucket and o.created_at < clock_timestamp() - interval '1 minute'
      and not exists (select from public.post_images i where i.bucket = v_bucket and i.path = o.name)
      -- Not again in this round.
      and not exists (
        select from queues.upload_problems u
        where u.bucket = v_bucket and u.path = o.name and u.last_at > clock_timestamp() - interval '20 hours')
    order by o.name limit p_limit
  ) o;
  perform queues.try_upload(v_bucket, name) from unnest(v_names) name;
  return coalesce(cardinality(v_names), 0);
exception
  when undefined_table or undefined_column or invalid_schema_name or insufficient_privilege then
    return 0;
end $$;
comment on function queues.find_missed_uploads(integer) is
  'Has uploads processed that have no row, such as those from before the trigger. Returns how many it found.';
revoke all on function queues.find_missed_uploads(integer) from public;

create function queues.prune_upload_problems(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => retention_days) from queues.image_settings);
  v_removed integer;
begin
  delete from queues.upload_problems where (bucket, path) in (
    select bucket, path from queues.upload_problems where last_at < v_before
    order by last_at limit p_limit for update skip locked);
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_upload_problems(integer) is 'Removes old problems.';
revoke all on function queues.prune_upload_problems(integer) from public;
