begin;
select plan(22);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';

create function pg_temp.says(p_provider text, p_token text, p_p256dh text default null, p_auth text default null, p_name text default null)
returns text language plpgsql as $$
begin
  perform register_device(p_provider, p_token, p_p256dh, p_auth, p_name);
  return 'registered';
exception
  when sqlstate 'PT422' then
    return sqlerrm;
end $$;
create function pg_temp.says_of(p_endpoint text, p_p256dh integer default 65, p_auth integer default 16) returns text
language plpgsql as $$
begin
  return pg_temp.says('web_push', p_endpoint, left(repeat('_-Aa', 30), (p_p256dh * 4 + 2) / 3), left(repeat('_-Aa', 30), (p_auth * 4 + 2) / 3));
end $$;

select is(pg_temp.says('sms', 't'), '`p_provider` is not known');
select is(pg_temp.says(null, 't'), '`p_provider` is not known');
select is(pg_temp.says('fcm', null), '`p_token` is not a token');
select is(pg_temp.says('fcm', ''), '`p_token` is not a token');
select is(pg_temp.says('fcm', repeat('t', 4097)), '`p_token` is not a token');
select is(pg_temp.says('fcm', E'a\nb'), '`p_token` is not a token');
select is(pg_temp.says('fcm', 't', p_name => repeat('n', 101)), '`p_name` is not a name');
select is(pg_temp.says('fcm', 't', 'k'), '`p_p256dh` does not apply to fcm');
select is(pg_temp.says('apns', 'd0', null, 'k'), '`p_auth` does not apply to apns');
select is(pg_temp.says('apns', 'token'), '`p_token` is not an APNs token');
select is(pg_temp.says('apns', '<d00d d00d>'), '`p_token` is not an APNs token');
select is(pg_temp.says('apns', 'd00'), '`p_token` is not an APNs token');
select is(pg_temp.says_of('http://push.example/1'), '`p_token` is not an https URL');
select is(pg_temp.says_of('https://user@push.example/1'), '`p_token` is not an https URL');
select is(pg_temp.says_of('https:///1'), '`p_token` is not an https URL');
select is(pg_temp.says_of('https://push.example/1', 64), '`p_p256dh` is not 65 bytes in base64url');
select is(pg_temp.says_of('https://push.example/1', 65, 17), '`p_auth` is not 16 bytes in base64url');
select is(pg_temp.says('web_push', 'https://push.example/1'), '`p_p256dh` is not 65 bytes in base64url');
select is(pg_temp.says('web_push', 'https://push.example/1', repeat('+', 87), repeat('A', 22)), '`p_p256dh` is not 65 bytes in base64url');
select is(pg_temp.says_of('https://push.example/1'), 'registered', 'a valid subscription is accepted');
select is(pg_temp.says('fcm', left(repeat(md5('a') || md5('b'), 64), 4096)), 'registered', 'the longest token is accepted');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000c"}';
select throws_ok($$select register_device('fcm', 't')$$, 'PT403', 'only people with a profile may do this', 'a person without a profile is rejected');

select * from finish();
rollback;
