-- The trending posts, for everyone.

create function public.trending_posts(p_window interval default '24 hours', p_limit integer default 20)
returns table (post_id uuid, score double precision, likes bigint)
language plpgsql
stable
-- Row level security hides posts that the caller may not see.
security invoker
set search_path = ''
-- Each iteration looks at another number of posts.
set plan_cache_mode = 'force_custom_plan'
-- Only a few rows are needed: never read a whole table.
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  c_limit constant integer := least(p_limit, 100);
  c_since constant timestamptz := date_trunc(
    'hour', now() - greatest(interval '0', least(interval '30 days', p_window)), 'UTC');
  c_decay constant double precision := queues.trending_decay();
  c_now_secs constant double precision := extract(epoch from now())::double precision;
  -- Depending on the order of addition, the logarithms of equal sums may differ by this much.
  c_tolerance constant double precision := 1e-6::double precision;
  -- The rank of a post with the smallest gain in the first hour of the window.
  c_least_rank constant double precision := c_decay * extract(epoch from c_since)::double precision - c_tolerance;
  v_looked_at integer := c_limit;
  v_next_rank double precision;
  v_post_ids uuid[];
  v_scores double precision[];
  v_likes bigint[];
begin
  if p_window is null or p_window <= interval '0' then
    raise sqlstate 'PT422' using
      message = '`p_window` is not a positive interval', hint = 'use an hour to 30 days, such as ''24 hours''';
  end if;
  if p_limit is null or p_limit < 1 then
    raise sqlstate 'PT422' using message = '`p_limit` is not positive', hint = '1 to 100 posts';
  end if;

  -- The threshold algorithm (Fagin, Lotem and Naor, 2001) over one list: look at the posts with a gain in the window in
  -- the order of their highest possible score, twice as many each time, until the next one cannot be among the best.
  loop
    v_looked_at := 2 * v_looked_at;
    with candidates as materialized (
      select post_id from queues.trending_ranks
      where rank >= c_least_rank and last_hour >= c_since
      order by rank desc limit v_looked_at
    ), best as (
      select c.post_id, s.score, s.likes
      from candidates c
      join public.posts_new p on p.id = c.post_id
      cross join lateral (
        select sum(h.weight * exp(c_decay * (extract(epoch from h.hour) - c_now_secs))) as score, sum(h.likes)::bigint as likes
        from queues.trending_hours h
        where h.post_id = c.post_id and h.hour >= c_since
      ) s
      where s.score > 0
      order by s.score desc, c.post_id
      limit c_limit
    )
    select array_agg(post_id order by score desc, post_id), array_agg(score order by score desc, post_id),
      array_agg(likes order by score desc, post_id)
    into v_post_ids, v_scores, v_likes
    from best;

    v_next_rank := (
      select rank from queues.trending_ranks
      where rank >= c_least_rank and last_hour >= c_since
      order by rank desc offset v_looked_at limit 1);
    exit when v_next_rank is null
      or ln(v_scores[c_limit]) >= v_next_rank - c_decay * c_now_secs + c_tolerance;
  end loop;

  return query select * from unnest(v_post_ids, v_scores, v_likes);
end $$;
comment on function public.trending_posts(interval, integer) is
  'The posts with the highest scores in the window, at most 100. A score is the sum of the weights of the events, each '
  'halved for every half-life of its age (queues.trending_settings). likes counts the likes in the window minus the '
  'unlikes. The window is at most 30 days long and begins at a full hour.';
revoke all on function public.trending_posts(interval, integer) from public, anon, authenticated, service_role;
grant execute on function public.trending_posts(interval, integer) to anon, authenticated, service_role;
