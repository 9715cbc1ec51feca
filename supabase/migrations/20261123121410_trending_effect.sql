-- The effect that moves posts up and down among the trending ones.

create function queues.count_trending(p_hours jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_this_hour constant timestamptz := date_trunc('hour', now(), 'UTC');
  v_hours queues.trending_hours[];
begin
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
