begin;
select plan(16);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

insert into notifications (id, recipient_id, type, title, body, url, data, group_key, updated_at)
select format('00000000-0000-4000-8000-0000000000%s', to_char(n, 'FM00'))::uuid, '00000000-0000-4000-8000-00000000000a', 'new_like', 'New like',
  'body ' || n, '/posts/p', '{"n": 1}', 'g', now() - make_interval(secs => n / 2)
from generate_series(1, 7) n;
update notifications set withdrawn_at = now() where body = 'body 4';
insert into notifications (recipient_id, type, data) values ('00000000-0000-4000-8000-00000000000b', 'new_like', '{}');

create function pg_temp.page(p_before text default null) returns text language plpgsql as $$
declare
  v_page jsonb := list_notifications(2, p_before);
begin
  return concat_ws(' ', jsonb_path_query_array(v_page, '$.items[*].body'), v_page ->> 'next' is not null);
end $$;
create function pg_temp.next(p_before text default null) returns text language plpgsql as $$
begin
  return list_notifications(2, p_before) ->> 'next';
end $$;
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000a"}';
select is(pg_temp.page(), '["body 1", "body 3"] t', 'the latest come first; at the same time, the greater id');
select is(pg_temp.page(pg_temp.next()), '["body 2", "body 5"] t', 'the next page continues after the last item, without withdrawn ones');
select is(pg_temp.page(pg_temp.next(pg_temp.next())), '["body 7", "body 6"] f', 'the last page has no next');
select is((list_notifications()::jsonb #> '{items,0}') - 'updated_at' - 'created_at',
  '{"id": "00000000-0000-4000-8000-000000000001", "type": "new_like", "title": "New like", "body": "body 1", "url": "/posts/p",
    "data": {"n": 1}, "actor_count": 1, "is_read": false}', 'the keys of an item');
select is(json_array_length(list_notifications() -> 'items'), 6, '20 items by default');
select throws_ok($$select list_notifications(101)$$, 'PT422', '`p_limit` is not between 1 and 100');
select throws_ok($$select list_notifications(null)$$, 'PT422', '`p_limit` is not between 1 and 100');
select throws_ok(format('select list_notifications(20, %L)', bad), 'PT422', '`p_before` is not a cursor', bad)
from unnest(array['', 'x', '1.2', '99999999999999999999.00000000-0000-4000-8000-000000000001']) bad;
reset role;
update notifications set read_at = now() where body in ('body 1', 'body 5', 'body 7');
set local role authenticated;
select is(jsonb_path_query_array(list_notifications(p_unread => true)::jsonb, '$.items[*].body'),
  '["body 3", "body 2", "body 6"]', 'only the unread ones, if asked for');
select is(jsonb_path_query_array(list_notifications(1, list_notifications(1, null, true) ->> 'next', true)::jsonb, '$.items[*].body'),
  '["body 2"]', 'their next page');
select is(list_notifications(3, null, true) ->> 'next', null, 'read ones are no next page');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000b"}';
select is(json_array_length(list_notifications() -> 'items'), 1, 'people see only their own');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000000c"}';
select is(list_notifications()::jsonb, '{"items": [], "next": null}', 'without signing in there are none');

select * from finish();
rollback;
