-- Trending posts. The score of a post is the sum, over its events in the window, of
--
--     weight * 2 ^ (-(now - hour) / half-life)
--
-- where the core decides the weight of an event, and its time is truncated to the hour. The sum is fast for one post and
-- slow for all of them. A second table therefore says where to look, by forward decay (Cormode, Shkapenyuk, Srivastava
-- and Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009): later events weigh more, so
-- that older ones need no update to weigh less,
--
--     rank = ln( sum over all events of gain * 2 ^ (hour / half-life) )
--
-- It is a logarithm because the powers would overflow, and it orders posts the same way at any time. Gain is the sum of
-- the positive weights, so that rank - ln(2) * now / half-life is the logarithm of an upper bound of the score in any
-- window.

create table queues.trending_settings (
  is_only boolean primary key default true,
  half_life_secs integer not null default 86400,

  constraint there_is_one_row check (is_only),
  -- Events are summed up by the hour.
  constraint half_life_is_an_hour_to_a_year check (half_life_secs between 3600 and 31536000)
);
comment on table queues.trending_settings is 'How trending posts are ranked. One row.';
comment on column queues.trending_settings.half_life_secs is
  'The age at which an event counts half. May be changed at any time.';

create table queues.trending_hours (
  post_id uuid not null,
  hour timestamptz not null,
  weight bigint not null,
  gain bigint not null,
  likes bigint not null,

  primary key (post_id, hour),
  constraint hour_is_whole check (extract(epoch from hour)::bigint % 3600 = 0),
  constraint gain_bounds_weight check (gain >= 0 and weight <= gain)
) with (fillfactor = 80);
create index trending_hours_hour_idx on queues.trending_hours (hour);
comment on table queues.trending_hours is 'The weights of the events of each post in each hour of the last 30 days.';
comment on column queues.trending_hours.post_id is
  'No foreign key: readers join the posts, which may have been deleted.';
comment on column queues.trending_hours.weight is 'The sum of the weights of the events.';
comment on column queues.trending_hours.gain is 'The sum of the positive weights.';
comment on column queues.trending_hours.likes is 'Likes minus unlikes.';

create table queues.trending_ranks (
  post_id uuid primary key,
  rank double precision not null,
  last_hour timestamptz not null
) with (fillfactor = 80);
-- With last_hour, so that the index alone can skip posts without a gain in the window.
create index trending_ranks_rank_last_hour_idx on queues.trending_ranks (rank, last_hour);
comment on table queues.trending_ranks is 'The order in which to look for trending posts.';
comment on column queues.trending_ranks.rank is
  'ln(sum of gain * 2 ^ (hour / half-life)), with hours since 1970: an upper bound of the score that orders posts the '
  'same way at any time.';
comment on column queues.trending_ranks.last_hour is
  'The last hour with a gain. A post has no score in a window after it.';

-- public.trending_posts reads them as its caller. Clients see only what that function returns, because the schema is not
-- exposed.
revoke all on table queues.trending_settings, queues.trending_hours, queues.trending_ranks
  from public, anon, authenticated, service_role;
grant select on table queues.trending_settings, queues.trending_hours, queues.trending_ranks
  to anon, authenticated, service_role;

create function queues.trending_decay() returns double precision
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Events must be counted even if the row is missing.
  return ln(2::double precision) / coalesce((select half_life_secs from queues.trending_settings), 86400);
end $$;
comment on function queues.trending_decay() is
  'How much the logarithm of a score falls per second. Without a row of settings, the half-life is a day.';
revoke all on function queues.trending_decay() from public, anon, authenticated, service_role;
grant execute on function queues.trending_decay() to anon, authenticated, service_role;

create function queues.count_trending(p_hours jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_this_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
  v_hours queues.trending_hours[];
begin
  perform queues.check_rows('effects.trending', p_hours, array['post_id', 'hour', 'weight', 'gain', 'likes']);
  v_hours := array(
    select (post_id, at, sum(weight), sum(gain), sum(likes))::queues.trending_hours
    from jsonb_to_recordset(p_hours) as h (post_id uuid, hour timestamptz, weight bigint, gain bigint, likes bigint)
    -- A time in the future, from a producer whose clock is ahead, counts as now.
    cross join lateral (select case when hour > c_this_hour then c_this_hour else hour end) t (at)
    -- Older hours are in no window. The table rejects a missing hour.
    where (hour < now() - interval '30 days') is not true
    group by post_id, at);

  -- Both tables in the order of their keys, so that two settlements with the same posts cannot deadlock.
  insert into queues.trending_hours as t (post_id, hour, weight, gain, likes)
  select post_id, hour, weight, gain, likes from unnest(v_hours)
  order by post_id, hour
  on conflict (post_id, hour) do update
    set weight = t.weight + excluded.weight, gain = t.gain + excluded.gain, likes = t.likes + excluded.likes;

  -- The logarithm of a sum from the logarithms of its terms, with the largest factored out so that nothing overflows.
  insert into queues.trending_ranks as t (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))),
    last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour from unnest(v_hours) where gain > 0
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour
  order by post_id
  on conflict (post_id) do update
    -- exp() raises an error if its result underflows.
    set rank = greatest(t.rank, excluded.rank) + ln(1 + exp(-least(abs(t.rank - excluded.rank), 700))),
      last_hour = greatest(t.last_hour, excluded.last_hour);
end $$;
comment on function queues.count_trending(jsonb) is 'Adds to the hours and ranks of posts.';
revoke all on function queues.count_trending(jsonb) from public;

create function queues.rerank_trending() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Waits for the settlements under way, and blocks others, which would add to ranks of the old half-life.
  lock table queues.trending_ranks in share row exclusive mode;
  delete from queues.trending_ranks;
  insert into queues.trending_ranks (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))),
    last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour
    from queues.trending_hours
    where gain > 0 and hour >= now() - interval '30 days'
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour;
  return null;
end $$;
comment on function queues.rerank_trending() is 'Computes all ranks anew with the current half-life.';
revoke all on function queues.rerank_trending() from public;

create trigger rerank_trending after update of half_life_secs on queues.trending_settings
  for each statement execute function queues.rerank_trending();

create function queues.prune_trending(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_hours integer;
  v_ranks integer;
begin
  -- Settlements ignore hours this old.
  delete from queues.trending_hours
  where ctid = any(array(
    select ctid from queues.trending_hours
    where hour < now() - interval '31 days' order by hour limit p_limit for update skip locked));
  get diagnostics v_hours = row_count;

  -- Without a gain since then, the rank is below that of the smallest gain.
  delete from queues.trending_ranks
  where ctid = any(array(
    select ctid from queues.trending_ranks
    where rank < queues.trending_decay() * extract(epoch from now() - interval '31 days')
      and last_hour < now() - interval '31 days'
    order by rank limit p_limit - v_hours for update skip locked));
  get diagnostics v_ranks = row_count;
  return v_hours + v_ranks;
end $$;
comment on function queues.prune_trending(integer) is
  'Deletes up to p_limit rows that can no longer trend and returns how many. Does not wait for settlements.';
revoke all on function queues.prune_trending(integer) from public;
