begin;
select plan(33);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.call(p_person text, p_query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  execute format('set local role %I', case when p_person is null then 'anon' else 'authenticated' end);
  perform set_config('request.jwt.claims',
    case when p_person is not null then json_build_object('sub', pg_temp.person(p_person))::text else '' end, true);
  execute 'select to_jsonb(a) from (' || p_query || ') q (a)' into v_answer;
  reset role;
  return v_answer;
end $$;
update queues.rate_limits set enabled = false;
insert into profiles (id) values (pg_temp.person('ann'));
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.post(p_body text) returns text language sql as $$
  select coalesce(a ->> 'code', a #>> '{comment,body}')
  from pg_temp.call('ann', format('select post_comment(%L, %L)', '00000000-0000-4000-8000-0000000000b1', p_body)) a
$$;

select is(pg_temp.post(body), 'invalid_body', title)
from (values
  (null, 'no text'), ('', 'an empty text'), (E' \t\r\n', 'spaces'), (repeat('x', 2001), '2,001 characters'),
  (repeat('x', 10000000), '10 MB'), (repeat('😀', 2001), '2,001 emoji'), (U&'\200B\200B', 'zero-width spaces'), (U&'\202E\202C', 'marks of direction'),
  (U&'\00AD', 'a soft hyphen'), (U&'\2800', 'a blank of Braille'), (U&'\3164', 'a filler of Hangul'), (U&'\FE0F', 'a variation selector'),
  (U&'\+0E0041', 'a tag'), (U&'\00A0\2003\3000', 'other spaces'), (U&'\2060\FEFF', 'joiners'), (U&'\0001\007F\0085', 'controls')
) b (body, title);
select is(pg_temp.post(body), body, title)
from (values
  (repeat('x', 2000), '2,000 characters'), (repeat('😀', 2000), '2,000 emoji'), ('.', 'one character'), (U&'\202Eevil', 'an override of direction'),
  ('<script>alert(1)</script><img src=x onerror=alert(1)>', 'HTML'), ('''; drop table comments; --', 'SQL'), ('{"a": [1]}', 'JSON'),
  (U&'z\0301\0301\0301\0301\0301\0301', 'zalgo'), (U&'\D83D\DC68\200D\D83D\DC69\200D\D83D\DC67', 'a family'), ('Ñandú 日本語 العربية', 'other scripts'),
  (repeat('@a ', 600), 'many mentions'), (repeat('a', 1999) || '!', 'a long word'), (E'one\ntwo', 'two lines'), ('$1 \1 %s %L {name}', 'placeholders'),
  ('"quotes" ''single'' \back', 'quotes')
) b (body, title);
select throws_ok($$select pg_temp.call('ann', $q$select post_comment('00000000-0000-4000-8000-0000000000b1', '{"t": "\u0000"}'::json ->> 't')$q$)$$,
  '22P05', null, 'NUL cannot be passed');
select is((select count(*)::int from comments), 15, 'what was refused is not stored');

select * from finish();
rollback;
