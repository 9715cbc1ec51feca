begin;
select plan(24);

create function pg_temp.seen(p_headers json) returns text language plpgsql as $$
begin
  perform set_config('request.headers', p_headers::text, true);
  return queues.client_network()::text;
end $$;

select is(pg_temp.seen('{"cf-connecting-ip": "8.8.8.8", "x-forwarded-for": "8.8.8.8"}'), null, 'none without a setting');

update queues.rate_limit_settings set address_header = 'cf-connecting-ip';
select is(pg_temp.seen('{"cf-connecting-ip": "8.8.8.8", "x-forwarded-for": "9.9.9.9"}'), '8.8.8.8/32', 'the named header alone');
select is(pg_temp.seen('{}'), null, 'a missing header');
select is(queues.client_network(), null, 'no headers at all');
select is(pg_temp.seen(json_build_object('cf-connecting-ip', text)), expected, text)
from (values
  ('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'),
  ('2001:db8:1:2::9', '2001:db8:1:2::/64'),
  ('::ffff:8.8.4.4', '8.8.4.4/32'),
  (' 8.8.8.8 ', '8.8.8.8/32'),
  ('8.8.8.8:443', '8.8.8.8/32'),
  ('[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'),
  ('10.1.2.3', null), ('192.168.0.1', null), ('172.31.0.1', null), ('127.0.0.1', null), ('::1', null), ('fd00::1', null),
  ('::ffff:10.0.0.1', null),
  ('', null), ('localhost', null), ('8.8.8.8/0', null), ('999.1.1.1', null), ($$'; drop table posts_new --$$, null)
) cases (text, expected);

update queues.rate_limit_settings set address_header = 'x-forwarded-for', trusted_proxies = 2, exempt_addresses = '{9.9.0.0/16}';
select is(pg_temp.seen('{"x-forwarded-for": "6.6.6.6, 7.7.7.7, 8.8.8.8, 10.0.0.1"}'), '8.8.8.8/32',
  'counted from the right: what a client sends first is not read');
select is(pg_temp.seen('{"x-forwarded-for": "10.0.0.1"}'), null, 'fewer elements than proxies');

select * from finish();
rollback;
