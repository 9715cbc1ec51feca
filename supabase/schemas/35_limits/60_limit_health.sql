-- What the limits do.

create function queues.main_address(p_action text, out calls bigint, out all_calls bigint)
language plpgsql
stable
set search_path = ''
as $$
begin
  select max(k.calls) filter (where k.kind = 'address'), greatest(
    sum(k.calls) filter (where k.kind = 'session'), sum(k.calls) filter (where k.kind = 'person'))::bigint
  into calls, all_calls
  from queues.rate_limit_keys k where k.action = p_action;
end $$;
comment on function queues.main_address(text) is
  'The calls of the address that made most of them, and those of all sessions or people. Reads all keys.';
revoke all on function queues.main_address(text) from public;

create function queues.limit_health() returns table (
  action text, allowed_60_min bigint, refused_60_min bigint, deferred_60_min bigint, reason text, remedy text
)
language plpgsql
security definer
set search_path = ''
as $$
declare
  c_few_calls constant integer := 100;
  v_answers jsonb := queues.limited_calls(clock_timestamp() - interval '1 hour');
  v_header text := (select s.address_header from queues.rate_limit_settings s);
  v_limit queues.rate_limits;
  v_main record;
begin
  for v_limit in select l.* from queues.rate_limits l order by l.action loop
    action := v_limit.action;
    allowed_60_min := coalesce((v_answers #>> array[action, 'allowed'])::bigint, 0);
    refused_60_min := coalesce((v_answers #>> array[action, 'refused'])::bigint, 0);
    deferred_60_min := coalesce((v_answers #>> array[action, 'deferred'])::bigint, 0);
    reason := null;
    remedy := null;
    if not v_limit.enabled then
      reason := 'the limit is switched off';
      remedy := format('update queues.rate_limits set enabled = true where action = %L', action);
    elsif v_header is null then
      reason := 'addresses are not limited: a client may take another session id with each call';
      remedy := '`update queues.rate_limit_settings set address_header = ''cf-connecting-ip''`, or x-forwarded-for with '
        'trusted_proxies: whichever the platform sets';
    else
      select * into v_main from queues.main_address(action);
      if v_main.calls >= c_few_calls and 2 * v_main.calls > v_main.all_calls then
        reason := format('one address made most calls: %s of %s since the last housekeeping', v_main.calls, v_main.all_calls);
        remedy := 'if it is a server or a proxy that calls for many people: add it to '
          'queues.rate_limit_settings.exempt_addresses, or correct address_header and trusted_proxies';
      end if;
    end if;
    return next;
  end loop;
end $$;
comment on function queues.limit_health() is
  'One row per action with a limit: the calls of the last hour by their answer, and what an operator should know, such as an '
  'address that makes most of the calls.';
revoke all on function queues.limit_health() from public;
grant execute on function queues.limit_health() to service_role;

create function queues.most_limited(p_limit integer default 10) returns table (
  action text, kind text, who text, refused bigint, deferred bigint, percent numeric, last_minute timestamptz
)
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform queues.check_range('p_limit', p_limit, 1, 1000);
  return query
  select c.action, c.kind, lpad(to_hex(c.key), 16, '0'),
    coalesce(sum(c.calls) filter (where c.answer = 'refused'), 0)::bigint,
    coalesce(sum(c.calls) filter (where c.answer = 'deferred'), 0)::bigint,
    round(100 * sum(c.calls) / sum(sum(c.calls)) over (partition by c.action), 1),
    max(c.minute)
  from queues.rate_limit_calls c
  where c.answer <> 'allowed' and c.minute > clock_timestamp() - interval '1 hour'
  group by c.action, c.kind, c.key
  order by sum(c.calls) desc, c.action, c.key
  limit p_limit;
end $$;
comment on function queues.most_limited(integer) is
  'The sessions, people and addresses that were refused or deferred most within the last hour, with their share of such calls '
  'of the action. who is a hash under the seed of this database: the same one has the same hash as long as the seed is kept, '
  'and it names nobody.';
revoke all on function queues.most_limited(integer) from public;
grant execute on function queues.most_limited(integer) to service_role;
