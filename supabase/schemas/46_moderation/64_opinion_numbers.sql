-- How often other services were asked, for the health of the providers.

create function queues.opinions_of_last_hour() returns table (provider text, given bigint, failed bigint, unneeded bigint)
language plpgsql
stable
set search_path = ''
as $$
declare
  c_uuid constant text := '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$';
  v_since timestamptz := clock_timestamp() - interval '1 hour';
begin
  return query
  with ended as (
    select case when a.message ->> 'comment_id' ~ c_uuid then (a.message ->> 'comment_id')::uuid end as comment_id,
      a.message ->> 'revision' as revision
    from pgmq.a_comment_opinions a where a.archived_at > v_since
  ), numbers as (
    select c.opinion ->> 'provider' as asked, count(*) filter (where c.opinion is not null) as given, 0::bigint as failed,
      count(*) filter (where c.opinion is null) as unneeded
    from ended e
    left join public.comments c on c.id = e.comment_id and c.revision::text = e.revision
    group by 1
    union all
    select null, 0, count(*), 0 from pgmq.q_comment_opinions_dlq q where q.enqueued_at > v_since
  )
  -- A question does not say who was to answer it.
  select coalesce(n.asked, s.opinion_provider), sum(n.given)::bigint, sum(n.failed)::bigint, sum(n.unneeded)::bigint
  from numbers n cross join queues.comment_settings s
  group by 1;
end $$;
comment on function queues.opinions_of_last_hour() is
  'By service, the opinions that it gave, the questions that became dead letters, and those that needed no answer any more.';
revoke all on function queues.opinions_of_last_hour() from public;
