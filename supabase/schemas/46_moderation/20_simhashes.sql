-- What comments looked like, to find copies of them. It outlives a comment that its author deletes to post it again.

create table queues.comment_simhashes (
  comment_id uuid primary key,
  simhash text not null,
  author_id uuid,
  at timestamptz not null default clock_timestamp(),

  constraint simhash_has_64_bits check (simhash ~ '^[0-9a-f]{16}$')
);
create index comment_simhashes_at_idx on queues.comment_simhashes (at desc);
comment on table queues.comment_simhashes is
  'The simhashes of comments that were judged of late, of which a claim reads the newest 2,000.';
revoke all on table queues.comment_simhashes from public, anon, authenticated, service_role;

create function queues.recent_simhashes() returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_compared constant integer := 2000;
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_array(simhash, comment_id, author_id) order by at desc), '[]')
    from (
      select * from queues.comment_simhashes
      where at > now() - (select make_interval(days => simhash_days) from queues.comment_settings)
      order by at desc limit c_compared
    ) newest);
end $$;
comment on function queues.recent_simhashes() is 'The newest simhashes: [[simhash, comment, author]].';
revoke all on function queues.recent_simhashes() from public;

create function queues.prune_simhashes(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => simhash_days) from queues.comment_settings);
  v_removed integer;
begin
  delete from queues.comment_simhashes where comment_id = any(array(
    select comment_id from queues.comment_simhashes where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_simhashes(integer) is 'Removes old simhashes.';
revoke all on function queues.prune_simhashes(integer) from public;
