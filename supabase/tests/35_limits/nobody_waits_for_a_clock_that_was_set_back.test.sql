begin;
select plan(3);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'me');
create function pg_temp.answer() returns text language sql as $$
  select coalesce(a ->> 'code', a ->> 'success') from toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'me') a
$$;

-- Charged before the clock was set back by a year.
update queues.rate_limit_keys set free_at = free_at + interval '1 year';
select is(pg_temp.answer(), 'true', 'a key that holds more than all is free');
select is(
  (select count(*)::integer from queues.rate_limit_keys where free_at > clock_timestamp() + interval '1 day'), 0,
  'and charged from now on');

update queues.rate_limit_keys k set free_at = clock_timestamp() + p.tolerance
from unnest(queues.rate_limit_keys('like', 'me', null, null)) p where p.key = k.key;
select is(pg_temp.answer(), 'rate_limited', 'one that holds all is used up');

select * from finish();
rollback;
