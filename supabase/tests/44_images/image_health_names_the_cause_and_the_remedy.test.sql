begin;
select plan(12);

create function pg_temp.health() returns text language sql as $$ select concat_ws(': ', status, reason, remedy) from queues.image_health() $$;
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');

select is(pg_temp.health(), 'ok', 'nothing is wrong');
drop trigger queues_note_upload on storage.objects;
select matches(pg_temp.health(), '^failing: uploads are not noticed: .*: select queues.watch_uploads\(\)$', 'a missing trigger');
select is(queues.watch_uploads(), 'uploads are watched', 'the remedy');
select is(pg_temp.health(), 'ok', 'helps');
update storage.buckets set public = true where id = 'uploads';
select matches(pg_temp.health(), '^failing: the bucket `uploads` is public: .*: update storage.buckets set public = false where id = ''uploads''$', 'public uploads');
update storage.buckets set public = false;
select matches(pg_temp.health(), '^failing: the bucket `images` is not public', 'pictures that nobody sees');
update queues.image_settings set images_bucket = 'other';
select matches(pg_temp.health(), '^failing: the bucket `uploads` or `other` is missing: select queues.watch_uploads\(\)$', 'a missing bucket');
select queues.watch_uploads();
select is(pg_temp.health(), 'ok', 'which the remedy creates');

insert into post_images (post_id, owner_id, bucket, path, created_at)
values (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'uploads', 'a', now() - interval '1 hour');
select matches(pg_temp.health(), '^late: 1 picture has waited to be processed for 36\d\d s', 'pictures that wait');
update post_images set created_at = now();
insert into queues.upload_problems (bucket, path, code, error, tries) values ('uploads', 'x', 'PT422', 'a wrong path', 9);
select is(pg_temp.health(), 'ok', 'a mistake of an uploader is no failure');
insert into queues.upload_problems (bucket, path, code, error, tries) values ('uploads', 'y', '23514', 'an error', 4);
select is(pg_temp.health(), 'late: uploads cannot be taken: an error: select * from queues.upload_problems order by last_at desc', 'uploads without a picture');
delete from queues.upload_problems;
alter schema storage rename to not_storage;
select is(pg_temp.health(), 'ok', 'without Storage there is nothing to watch');

select * from finish();
rollback;
