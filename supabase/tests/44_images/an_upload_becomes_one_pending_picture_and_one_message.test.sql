begin;
select plan(10);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1'), ('00000000-0000-4000-8000-0000000000a2');
insert into posts_new (id, profile_id) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1'),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2');

-- Storage makes each change twice, the first time to check permissions.
savepoint probe;
insert into storage.objects (bucket_id, name, version)
values ('uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/a.jpg', 'v1');
rollback to probe;
insert into storage.objects (bucket_id, name, version, metadata)
values ('uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/a.jpg', 'v1', '{"size": 1234, "eTag": "x"}');

select results_eq(
  'select owner_id, post_id, status, revision, size_bytes, bucket from post_images',
  $$values ('00000000-0000-4000-8000-0000000000a1'::uuid, '00000000-0000-4000-8000-0000000000b1'::uuid, 'pending', 1, 1234::bigint,
    'uploads')$$, 'an upload is a pending picture of its post');
select results_eq(
  'select message from pgmq.q_image_processing',
  $$select jsonb_build_object('v', 1, 'image_id', id, 'revision', 1) from post_images$$, 'and has one message');
select results_eq(
  $$select topic, payload ->> 'status', payload ->> 'path' from realtime.messages where event = 'image'$$,
  $$values ('notifications:00000000-0000-4000-8000-0000000000a1', 'pending',
    '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/a.jpg')$$, 'which its owner hears');

insert into storage.objects (bucket_id, name) values ('images', '00000000-0000-4000-8000-0000000000a1/x/y');
select is((select count(*) from post_images), 1::bigint, 'an object of another bucket is no upload');
update storage.objects set last_accessed_at = now(), user_metadata = '{"a": 1}' where bucket_id = 'uploads';
select is((select revision from post_images), 1, 'an object that is only read is no new upload');

insert into storage.objects (bucket_id, name) values
  ('uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000bf/later.jpg');
select is((select count(*) from post_images), 2::bigint, 'an upload may come before its post');

insert into storage.objects (bucket_id, name) values
  ('uploads', 'a.jpg'),
  ('uploads', '00000000-0000-4000-8000-0000000000a9/00000000-0000-4000-8000-0000000000b1/a.jpg'),
  ('uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b2/a.jpg'),
  ('uploads', '../../../etc/passwd');
select is((select count(*) from storage.objects where bucket_id = 'uploads'), 6::bigint, 'no upload fails because of its name');
select is((select count(*) from post_images), 2::bigint, 'but one that names no post of its owner is no picture');
select results_eq(
  'select path, code, error from queues.upload_problems order by path collate "C"',
  $$values
    ('../../../etc/passwd', 'PT422', '`path` is not <owner>/<post>/<name>'),
    ('00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b2/a.jpg', 'PT422', '`path` names a post of somebody else'),
    ('00000000-0000-4000-8000-0000000000a9/00000000-0000-4000-8000-0000000000b1/a.jpg', 'PT422', '`path` names an owner without a profile'),
    ('a.jpg', 'PT422', '`path` is not <owner>/<post>/<name>')$$, 'and the reason is recorded');
select is((select count(*) from pgmq.q_image_processing), 2::bigint, 'without a message');

select * from finish();
rollback;
