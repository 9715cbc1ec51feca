begin;
select plan(16);

create function pg_temp.sees(p_person text, p_query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  execute format('set local role %I', case when p_person is null then 'anon' else 'authenticated' end);
  perform set_config('request.jwt.claims',
    case when p_person is not null then json_build_object('sub', p_person)::text else '' end, true);
  if p_query ~ '^select' then
    execute 'select coalesce(jsonb_agg(a), ''[]'') from (' || p_query || ') q (a)' into v_answer;
  else
    execute p_query;
  end if;
  reset role;
  return v_answer;
end $$;
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1'), ('00000000-0000-4000-8000-0000000000a2');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
insert into post_images (id, post_id, owner_id, bucket, path, status, processed_at, variants, reason, error) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', '1', 'ready', now(), '[{}]', null, null),
  ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', '2', 'pending', null, null, null, null),
  ('00000000-0000-4000-8000-0000000000c3', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', '3', 'failed', now(), null, 'x', 'y'),
  ('00000000-0000-4000-8000-0000000000c4', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', '4', 'held', now(), '[{}]', null, null),
  -- Uploaded for a post that somebody else then created.
  ('00000000-0000-4000-8000-0000000000c5', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a2', 'uploads', '5', 'ready', now(), '[{}]', null, null),
  ('00000000-0000-4000-8000-0000000000c6', '00000000-0000-4000-8000-0000000000b6', '00000000-0000-4000-8000-0000000000a1', 'uploads', '6', 'ready', now(), '[{}]', null, null);
insert into post_image_secrets (image_id, location, serial_number)
values ('00000000-0000-4000-8000-0000000000c1', '{"latitude": 1, "longitude": 2}', '007');

select is(pg_temp.sees(null, 'select right(id::text, 2) from post_images order by id'), '["c1"]', 'guests see what is ready, with its post');
select is(pg_temp.sees('00000000-0000-4000-8000-0000000000a2', 'select right(id::text, 2) from post_images order by id'), '["c1", "c5"]',
  'people see that too, and their own');
select is(pg_temp.sees('00000000-0000-4000-8000-0000000000a1', 'select right(id::text, 2) from post_images order by id'),
  '["c1", "c2", "c3", "c4", "c6"]', 'the owner sees all of their own');
select is(pg_temp.sees('a third party''s id', 'select right(id::text, 2) from post_images order by id'), '["c1"]', 'an id that is no UUID is that of a guest');
select throws_ok($$select pg_temp.sees('00000000-0000-4000-8000-0000000000a1', 'select path from post_images')$$, '42501', null,
  'the name of an upload is not for clients');
select is(pg_temp.sees('00000000-0000-4000-8000-0000000000a1', 'select serial_number from post_image_secrets'), '["007"]',
  'the owner sees the secrets of a picture');
select is(pg_temp.sees('00000000-0000-4000-8000-0000000000a2', 'select serial_number from post_image_secrets'), '[]', 'nobody else does');
select throws_ok($$select pg_temp.sees(null, 'select * from post_image_secrets')$$, '42501', null, 'nor do guests');

select throws_ok(format($q$select pg_temp.sees('00000000-0000-4000-8000-0000000000a1', %L)$q$, statement), '42501', null, 'no client may ' || statement)
from unnest(array[
  'update post_images set status = ''ready''', 'delete from post_images',
  'insert into post_images (post_id, owner_id, bucket, path) values (gen_random_uuid(), ''00000000-0000-4000-8000-0000000000a1'', ''b'', ''p'')'
]) statement;
select throws_ok($$select pg_temp.sees('00000000-0000-4000-8000-0000000000a1', 'select * from queues.upload_problems')$$, '42501', null, 'problems are for operators');

drop policy "posts are readable by all" on posts_new;
select is(pg_temp.sees(null, 'select right(id::text, 2) from post_images'), '[]', 'a post that is hidden hides its pictures');
create policy p on posts_new for select to anon using (true);
update posts_new set profile_id = '00000000-0000-4000-8000-0000000000a2';
select is(pg_temp.sees(null, 'select right(id::text, 2) from post_images'), '["c5"]', 'a post shows the pictures of its owner alone');

set local role service_role;
select is((select count(*) from post_images), 6::bigint, 'the service sees all');
select throws_ok('delete from post_images', '42501', null, 'and changes nothing');
reset role;

select * from finish();
rollback;
