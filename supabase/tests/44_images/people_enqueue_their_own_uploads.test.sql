begin;
select plan(15);

update queues.rate_limits set per_minute = 1, burst = 2 where action = 'image';
create function pg_temp.call(p_role text, p_person text, p_query text) returns json language plpgsql as $$
declare
  v_answer json;
begin
  perform set_config('request.jwt.claims', json_build_object('role', p_role, 'sub', p_person)::text, true);
  execute format('set local role %I', p_role);
  execute p_query into v_answer;
  reset role;
  return v_answer;
end $$;
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1'), ('00000000-0000-4000-8000-0000000000a2');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
create function pg_temp.own() returns text language sql as $$
  select 'select enqueue_image(''00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/a.jpg'')'
$$;

select is(pg_temp.call('authenticated', '00000000-0000-4000-8000-0000000000a1', pg_temp.own()) ->> 'status', 'pending', 'people enqueue their own uploads');
select results_eq('select bucket, revision, size_bytes from post_images', $$values ('uploads', 1, null::bigint)$$, 'in the bucket of uploads');
select is((select count(*) from pgmq.q_image_processing), 1::bigint, 'with a message');
select is(pg_temp.call('authenticated', '00000000-0000-4000-8000-0000000000a1', pg_temp.own()) ->> 'status', 'pending', 'once more has it processed again');
select is((select revision from post_images), 2, 'as a new revision');
select throws_ok(format($$select pg_temp.call('authenticated', '00000000-0000-4000-8000-0000000000a2', %L)$$, pg_temp.own()),
  'PT403', 'the upload is not in a folder of yours', 'not those of others');
select throws_ok(format($$select pg_temp.call('authenticated', '00000000-0000-4000-8000-0000000000a3', %L)$$, pg_temp.own()),
  'PT403', 'only people with a profile may do this', 'nor without a profile');
select throws_ok(format($$select pg_temp.call('anon', null, %L)$$, pg_temp.own()), '42501', null, 'nor as a guest');
select is(pg_temp.call('service_role', null, pg_temp.own()) ->> 'success', 'true', 'the service does it for anybody');
select throws_ok($$select pg_temp.call('service_role', null, 'select enqueue_image(''a.jpg'')')$$,
  'PT422', '`path` is not <owner>/<post>/<name>', 'a path without a post is rejected');
select throws_ok($$select pg_temp.call('service_role', null, 'select enqueue_image(null)')$$,
  'PT422', '`p_path` does not have 1 to 1024 characters', 'and none at all');

select is(pg_temp.call('authenticated', '00000000-0000-4000-8000-0000000000a1', pg_temp.own()) ->> 'code', 'rate_limited', 'one too many');
select is(current_setting('response.status'), '429', 'with status 429');
select is((select revision from post_images), 3, 'changes nothing');
select is(pg_temp.call('service_role', null, pg_temp.own()) ->> 'success', 'true', 'the service is not limited');

select * from finish();
rollback;
