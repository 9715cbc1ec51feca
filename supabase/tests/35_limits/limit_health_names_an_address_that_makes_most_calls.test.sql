begin;
select plan(6);

create function pg_temp.calls(p_from integer, p_to integer, p_address text) returns void language plpgsql as $$
begin
  perform set_config('request.headers', json_build_object('cf-connecting-ip', p_address)::text, true);
  perform queues.charge(queues.rate_limit_keys_of('like', 'session ' || n, null)) from generate_series(p_from, p_to) n;
end $$;
create function pg_temp.reason() returns text language sql as $$
  select reason from queues.limit_health() where action = 'like'
$$;
update queues.rate_limits set burst = 10000;
select matches(pg_temp.reason(), 'addresses are not limited', 'no header is named');
update queues.rate_limit_settings set address_header = 'cf-connecting-ip';
select pg_temp.calls(1, 99, '8.8.8.8');
select is(pg_temp.reason(), null, 'too few calls to tell');
select pg_temp.calls(100, 150, '8.8.8.8');
select matches(pg_temp.reason(), '^one address made most calls: 150 of 150', 'one address makes most calls');
select pg_temp.calls(n * 3, n * 3 + 2, '9.9.9.' || n - 50) from generate_series(51, 110) n;
select is(pg_temp.reason(), null, 'among many others it does not');
update queues.rate_limits set enabled = false where action = 'like';
select is(pg_temp.reason(), 'the limit is switched off');
set local role service_role;
select lives_ok('select * from queues.limit_health(), queues.most_limited()', 'the service may look');

select * from finish();
rollback;
