-- What happens in the app.

create function queues.analytics_page(p_arguments jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  c_trending constant integer := 20;
  c_window constant interval := interval '24 hours';
  v_days integer := queues.number_argument(p_arguments, 'days', 14, 1, 90)::integer;
  v_since date := (clock_timestamp() at time zone 'UTC')::date - v_days;
begin
  perform queues.check_keys('arguments', p_arguments, array['days']);
  return jsonb_build_object(
    'reports', (
      select coalesce(jsonb_agg(to_jsonb(r) order by r.day desc), '[]') from public.analytics_reports r where r.day > v_since),
    -- Whole days are in the reports.
    'today', (
      select coalesce(jsonb_object_agg(t.event_type, t.events), '{}')
      from (
        select d.event_type, sum(d.count) as events from public.analytics_daily d
        where d.day = (clock_timestamp() at time zone 'UTC')::date group by d.event_type
      ) t),
    'trending', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.score desc, t.post_id), '[]') from public.trending_posts(c_window, c_trending) t));
end $$;
comment on function queues.analytics_page(jsonb) is
  'The daily reports, latest first, the counters of today and the trending posts: {reports, today, trending}. Arguments: days, up '
  'to 90.';
revoke all on function queues.analytics_page(jsonb) from public;
