begin;
select plan(12);

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
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob']) name;
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1'), ('00000000-0000-4000-8000-0000000000b2');
-- Three have the same time.
insert into comments (id, post_id, author_id, body, status, decided_at, created_at)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), n::text, 'approved', now(),
  timestamptz '2026-01-01 00:00:00Z' + greatest(n, 3) * interval '1.000001 seconds'
from generate_series(1, 7) n;
insert into comments (id, post_id, author_id, parent_id, body, status, decided_at)
values ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000b1', pg_temp.person('bob'), '00000000-0000-4000-8000-0000000000c1', 'reply', 'approved', now());
create function pg_temp.page(p_before text) returns jsonb language sql as $$
  select pg_temp.call(null, format('select list_comments(%L, p_limit => 3, p_before => %L)', '00000000-0000-4000-8000-0000000000b1', p_before))
$$;
create function pg_temp.bodies(p_page jsonb) returns text language sql as $$
  select string_agg(item ->> 'body', ' ') from jsonb_array_elements(p_page -> 'items') item
$$;
create temp table pages as select 1 as n, pg_temp.page(null) as page;
insert into pages select 2, pg_temp.page(page ->> 'next') from pages;
insert into pages select 3, pg_temp.page(page ->> 'next') from pages where n = 2;
select is((select string_agg(pg_temp.bodies(page), ' ' order by n) from pages), '7 6 5 4 3 2 1', 'each once, latest first');
select is((select page -> 'next' from pages where n = 3), 'null', 'and then no more');
select is(pg_temp.bodies(pg_temp.call(null, $$select list_comments('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000c1')$$)), 'reply', 'replies apart');
select is(pg_temp.call(null, $$select list_comments('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000c1')$$),
  '{"items": [], "next": null}', 'of that post alone');
select is(pg_temp.call(null, $$select list_comments(null)$$), '{"items": [], "next": null}', 'no post');
update comments set status = 'rejected' where body = '1';
select is(pg_temp.bodies(pg_temp.call(null, $$select list_comments('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000c1')$$)), null,
  'replies to a hidden comment are hidden');
select throws_ok(format('select pg_temp.page(%L)', cursor), 'PT422', '`p_before` is not a cursor', format('`%s` is not a cursor', cursor))
from unnest(array['', 'x', '1.2', '-1.00000000-0000-4000-8000-0000000000c1', '999999999999999999.00000000-0000-4000-8000-0000000000c1']) cursor;
select throws_ok($$select pg_temp.call(null, 'select list_comments(null, p_limit => 101)')$$, 'PT422', '`p_limit` is not between 1 and 100', 'too long a page');

select * from finish();
rollback;
