-- What the trending posts are found by. A post's score is the sum, over its events in the window, of
--
--     weight * 2 ^ (-(now - hour) / half-life)
--
-- where the weight of an event is the core's decision and its time is cut to the hour. The sum of a post's hours is
-- quick for one post and slow for all, so that a second table says where to look: forward decay (Cormode, Shkapenyuk,
-- Srivastava and Xu, "Forward Decay: A Practical Time Decay Model for Streaming Systems", ICDE 2009) lets an event
-- weigh more the later it is instead of less the older it gets,
--
--     rank = ln( sum over all events of gain * 2 ^ (hour / half-life) )
--
-- which is kept as a logarithm because the powers outgrow any number, never has to be touched to make it decay, and
-- orders posts alike at all times. A gain is a weight that is not negative: rank - ln(2) * now / half-life is
-- therefore the logarithm of a bound that the post's score in no window exceeds.

create table queues.trending_settings (
  is_only boolean primary key default true,
  half_life_secs integer not null default 86400,

  constraint there_is_one_row check (is_only),
  -- An hour is the finest that is kept.
  constraint half_life_is_an_hour_to_a_year check (half_life_secs between 3600 and 31536000)
);
comment on table queues.trending_settings is 'How trending posts are ranked; one row.';
comment on column queues.trending_settings.half_life_secs is 'After so long an event counts half. May be changed at any time.';

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
comment on table queues.trending_hours is 'What moved each post in each hour of the last 30 days.';
comment on column queues.trending_hours.post_id is 'No foreign key: who reads it joins the posts, which may be gone.';
comment on column queues.trending_hours.weight is 'The sum of the weights of its events.';
comment on column queues.trending_hours.gain is 'The sum of the positive ones alone.';
comment on column queues.trending_hours.likes is 'Likes, less the ones taken back.';

create table queues.trending_ranks (
  post_id uuid primary key,
  rank double precision not null,
  last_hour timestamptz not null
) with (fillfactor = 80);
-- The hour within, so that posts without a gain in the window are passed by in the index alone.
create index trending_ranks_rank_last_hour_idx on queues.trending_ranks (rank, last_hour);
comment on table queues.trending_ranks is 'In which order to look for the trending posts.';
comment on column queues.trending_ranks.rank is
  'ln(sum of gain * 2 ^ (hour / half-life)), hours since 1970: an upper bound of the score, and the same order at all times.';
comment on column queues.trending_ranks.last_hour is 'The last hour with a gain: a post has no score in a window after it.';

-- Read by public.trending_posts as its caller, who sees no more of them than that function answers: the schema is not
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
  -- A missing row must not keep events from being counted.
  return ln(2::double precision) / coalesce((select half_life_secs from queues.trending_settings), 86400);
end $$;
comment on function queues.trending_decay() is 'How much the logarithm of a score loses a second; of a half-life of a day where none is set.';
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
    -- A producer whose clock is ahead gains nothing by it.
    cross join lateral (select case when hour > c_this_hour then c_this_hour else hour end) t (at)
    -- What is older is in no window; a missing hour is for the table to refuse.
    where (hour < now() - interval '30 days') is not true
    group by post_id, at);

  -- Both in the order of the key, so that two settlements with the same posts cannot deadlock.
  insert into queues.trending_hours as t (post_id, hour, weight, gain, likes)
  select post_id, hour, weight, gain, likes from unnest(v_hours)
  order by post_id, hour
  on conflict (post_id, hour) do update
    set weight = t.weight + excluded.weight, gain = t.gain + excluded.gain, likes = t.likes + excluded.likes;

  -- The logarithm of a sum, from the logarithms of its parts: the greater one factored out, what is left is at most 1.
  insert into queues.trending_ranks as t (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))), last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour from unnest(v_hours) where gain > 0
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour
  order by post_id
  on conflict (post_id) do update
    -- exp() refuses results that are too small for a number.
    set rank = greatest(t.rank, excluded.rank) + ln(1 + exp(-least(abs(t.rank - excluded.rank), 700))),
      last_hour = greatest(t.last_hour, excluded.last_hour);
end $$;
comment on function queues.count_trending(jsonb) is 'Adds to the hours of posts, and to their ranks.';
revoke all on function queues.count_trending(jsonb) from public;

create function queues.rerank_trending() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Waits for the settlements under way and holds back the next ones, which would add to ranks of the old half-life.
  lock table queues.trending_ranks in share row exclusive mode;
  delete from queues.trending_ranks;
  insert into queues.trending_ranks (post_id, rank, last_hour)
  select post_id, decay * extract(epoch from last_hour) + ln(sum(gain * exp(decay * extract(epoch from hour - last_hour)))), last_hour
  from (
    select post_id, hour, gain, max(hour) over (partition by post_id) as last_hour
    from queues.trending_hours
    where gain > 0 and hour >= now() - interval '30 days'
  ) hours, queues.trending_decay() decay
  group by post_id, decay, last_hour;
  return null;
end $$;
comment on function queues.rerank_trending() is 'Ranks all posts anew, by the half-life as it is now.';
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
  -- A settlement no longer touches what is this old.
  delete from queues.trending_hours
  where ctid = any(array(
    select ctid from queues.trending_hours
    where hour < now() - interval '31 days' order by hour limit p_limit for update skip locked));
  get diagnostics v_hours = row_count;

  -- The rank of a post that gained nothing since is lower than the least of a gain in that time.
  delete from queues.trending_ranks
  where ctid = any(array(
    select ctid from queues.trending_ranks
    where rank < queues.trending_decay() * extract(epoch from now() - interval '31 days') and last_hour < now() - interval '31 days'
    order by rank limit p_limit - v_hours for update skip locked));
  get diagnostics v_ranks = row_count;
  return v_hours + v_ranks;
end $$;
comment on function queues.prune_trending(integer) is
  'Deletes what can no longer trend, at most so many rows, and answers how many. Waits for no settlement.';
revoke all on function queues.prune_trending(integer) from public;
