begin;
select plan(15);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id)
select ('00000000-0000-4000-8000-0000000000b' || n)::uuid, '00000000-0000-4000-8000-0000000000a1' from generate_series(1, 3) n;
create function pg_temp.path(p_post integer, p_name text) returns text language sql as $$
  select format('00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b%s/%s', p_post, p_name)
$$;
create function pg_temp.upload(p_post integer, p_name text) returns void language sql as $$
  insert into storage.objects (bucket_id, name, version, metadata)
  values ('uploads', pg_temp.path(p_post, p_name), gen_random_uuid(), '{"size": 10}')
$$;
create function pg_temp.ready() returns void language sql as $$
  update post_images set status = 'ready', processed_at = now(),
    reason = null, error = null, variants = jsonb_build_array(jsonb_build_object('name', 'medium', 'bucket', 'images', 'path', id || '/' || revision))
$$;

select pg_temp.upload(1, 'a.jpg');
select pg_temp.ready();
delete from pgmq.q_image_processing;
savepoint probe;
update storage.objects set version = 'v2';
rollback to probe;
update storage.objects set version = 'v2', metadata = '{"size": 20}';
select results_eq('select status, revision, size_bytes from post_images', $$values ('pending', 2, 20::bigint)$$,
  'an upload to the same place is processed again, once');
select results_eq('select (message ->> ''revision'')::integer from pgmq.q_image_processing', 'values (2)', 'under a new revision');
select isnt((select variants from post_images), null, 'what is published stays recorded until it is replaced');

select pg_temp.ready();
delete from pgmq.q_image_processing;
update storage.objects set name = pg_temp.path(1, 'b.jpg'), version = 'v3';
select results_eq('select status, revision, path from post_images', $$values ('ready', 2, pg_temp.path(1, 'b.jpg'))$$,
  'an upload that is moved within its post is still the same picture');
select is((select count(*) from pgmq.q_image_processing), 0::bigint, 'and not processed again');

create temp table before as select id from post_images;
update storage.objects set name = pg_temp.path(2, 'b.jpg'), version = 'v4';
select results_eq('select status, revision, path, id in (select id from before) from post_images',
  $$values ('pending', 1, pg_temp.path(2, 'b.jpg'), false)$$, 'in another post it is another picture');
select results_eq('select objects from queues.image_removals',
  $$select jsonb_build_array(jsonb_build_object('bucket', 'images', 'path', id || '/2')) from before$$,
  'the variants of the first one are removed, the upload is not');

delete from queues.image_removals;
update storage.objects set bucket_id = 'images', version = 'v5';
select is((select count(*) from post_images), 0::bigint, 'an upload that is moved to another bucket is no picture any more');
update storage.objects set bucket_id = 'uploads', version = 'v6';
select is((select count(*) from post_images), 1::bigint, 'and one that is moved here is');

set local storage.allow_delete_query = 'true';
delete from storage.objects;
select results_eq('select status, reason, revision, upload_removed_at is not null from post_images',
  $$values ('failed', 'upload_removed', 2, true)$$, 'an upload that is removed before it is processed has failed');
select is((select error from post_images), 'the upload was removed before it was processed', 'with a reason in words');

select pg_temp.upload(3, 'c.jpg');
select pg_temp.ready();
delete from storage.objects;
select results_eq($$select status, upload_removed_at is not null from post_images where path like '%c.jpg'$$,
  $$values ('ready', true)$$, 'one that is removed later leaves its picture');
reset storage.allow_delete_query;
select throws_ok('delete from storage.objects', '42501', null, 'Storage refuses SQL deletes');

select pg_temp.upload(3, 'c.jpg');
select results_eq($$select status, upload_removed_at from post_images where path like '%c.jpg'$$,
  $$values ('pending', null::timestamptz)$$, 'an upload to the same place after that is a new one');
select is((select count(*) from queues.upload_problems), 0::bigint, 'and there are no problems');

select * from finish();
rollback;
