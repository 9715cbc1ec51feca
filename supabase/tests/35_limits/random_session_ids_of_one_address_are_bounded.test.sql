begin;
select plan(4);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
update queues.rate_limit_settings set address_header = 'cf-connecting-ip';
-- So slow that no like is regained meanwhile.
update queues.rate_limits set per_minute = 1, burst = 2, address_factor = 10 where action = 'like';
select set_config('request.headers', '{"cf-connecting-ip": "8.8.8.8"}', true);
set local role anon;
select is(
  (select count(*)::integer from generate_series(1, 500) n
   where (toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'random ' || n) ->> 'success')::boolean),
  20, 'of many sessions as many calls are allowed as the address has');
reset role;
select is((select count(*)::integer from post_ratings), 20, 'and as many ratings are stored');
select is((select count(*)::integer from queues.rate_limit_keys), 21, 'a refused session leaves no key');
select is((select count(*)::integer from pgmq.q_like_events), 20, 'and no message');

select * from finish();
rollback;
