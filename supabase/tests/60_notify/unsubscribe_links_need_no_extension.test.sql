begin;
select plan(3);

select is(encode(queues.hmac_sha256('what do ya want for nothing?', 'Jefe'), 'hex'),
  '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'the second test case of RFC 4231');
select is(count(*), 0::bigint, 'any length of key and text gives what pgcrypto gives')
from generate_series(1, 140) n
cross join lateral (select repeat('ñ€', n) as key, repeat('mañana ', n) as text) t
where queues.hmac_sha256(text, convert_to(key, 'UTF8')) <> extensions.hmac(convert_to(text, 'UTF8'), convert_to(key, 'UTF8'), 'sha256');
select is_empty(
  $$select oid::regprocedure from pg_proc where pronamespace in ('queues'::regnamespace, 'public'::regnamespace)
    and prosrc ~ 'extensions\.'$$,
  'no function calls one that the app may have in another schema');

select * from finish();
rollback;
