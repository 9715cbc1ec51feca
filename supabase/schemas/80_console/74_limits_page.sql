-- Who hits the limits.

create function queues.limits_page(p_arguments jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_keys('arguments', p_arguments, array[]::text[]);
  return jsonb_build_object(
    'limits', (
      select coalesce(jsonb_agg(to_jsonb(h) || to_jsonb(l) order by h.action), '[]')
      from queues.limit_health() h join queues.rate_limits l on l.action = h.action),
    'most_limited', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from queues.most_limited(50) m));
end $$;
comment on function queues.limits_page(jsonb) is
  'The limits with the calls of the last hour, and who was refused or deferred most, by a hash: {limits, most_limited}.';
revoke all on function queues.limits_page(jsonb) from public;
