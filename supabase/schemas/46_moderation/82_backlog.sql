-- What waits: for the machine, and for moderators.

create function queues.comment_backlog() returns table (why text, waiting bigint, oldest_secs bigint)
language plpgsql
stable
set search_path = ''
as $$
declare
  v_now timestamptz := clock_timestamp();
begin
  return query
    select w.why, count(b.since), coalesce(extract(epoch from v_now - min(b.since)), 0)::bigint
    from unnest('{pending,flagged,reported,appealed}'::text[]) with ordinality w (why, place)
    left join (
      select 'pending' as why, coalesce(c.edited_at, c.created_at) as since from public.comments c where c.status = 'pending'
      union all
      -- Each once, by what asks the most for an answer.
      select
        case
          when exists (select from queues.appeals a where a.comment_id = r.comment_id and a.closed_at is null) then 'appealed'
          when exists (
            select from queues.reports p
            where p.closed_at is null and (p.comment_id = r.comment_id or p.post_id = r.post_id)) then 'reported'
          else 'flagged' end,
        r.opened_at
      from queues.reviews r
    ) b on b.why = w.why
    group by w.why, w.place
    order by w.place;
end $$;
comment on function queues.comment_backlog() is
  'How many comments wait to be judged (pending), how many comments and posts wait for a moderator, and for how long the oldest '
  'of them has.';
revoke all on function queues.comment_backlog() from public;

create function queues.gauge_waiting_comments() returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select jsonb_object_agg(why, waiting) from queues.comment_backlog());
end $$;
comment on function queues.gauge_waiting_comments() is 'The gauge comments_waiting.';
revoke all on function queues.gauge_waiting_comments() from public;

create function queues.gauge_oldest_comments() returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (select jsonb_object_agg(why, oldest_secs) from queues.comment_backlog());
end $$;
comment on function queues.gauge_oldest_comments() is 'The gauge comments_oldest_wait_seconds.';
revoke all on function queues.gauge_oldest_comments() from public;
