begin;
select plan(9);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
create function pg_temp.upload(p_name text) returns void language sql as $$
  insert into storage.objects (bucket_id, name, created_at, metadata) values (
    'uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/' || p_name,
    now() - interval '1 hour', '{"size": 7}')
$$;

alter table pgmq.q_image_processing add constraint full_ check (false) not valid;
select lives_ok($$select pg_temp.upload('a.jpg')$$, 'an upload succeeds although its trigger fails');
select is((select count(*) from post_images), 0::bigint, 'there is no picture');
select results_eq('select code, tries from queues.upload_problems', $$values ('23514', 1)$$, 'and the error is recorded');
select queues.retry_uploads(100);
select is((select tries from queues.upload_problems), 1, 'it is not tried again at once');
update queues.upload_problems set last_at = last_at - interval '1 minute';
select queues.retry_uploads(100);
select is((select tries from queues.upload_problems), 2, 'it is tried again, and the error recorded again');
alter table pgmq.q_image_processing drop constraint full_;
update queues.upload_problems set last_at = last_at - interval '1 minute';
select queues.retry_uploads(100);
select results_eq('select status, size_bytes from post_images', $$values ('pending', 7::bigint)$$,
  'until it succeeds, as if nothing had happened');
select is((select count(*) from queues.upload_problems), 0::bigint, 'and there is no problem any more');

-- If not even the problem can be recorded, housekeeping finds the object.
alter table pgmq.q_image_processing add constraint full_ check (false) not valid;
alter table queues.upload_problems add constraint full_ check (false) not valid;
select lives_ok($$select pg_temp.upload('b.jpg')$$, 'an upload succeeds although its problem cannot be recorded');
alter table pgmq.q_image_processing drop constraint full_;
alter table queues.upload_problems drop constraint full_;
select queues.find_missed_uploads(100);
select is((select count(*) from post_images where status = 'pending'), 2::bigint, 'and is found');

select * from finish();
rollback;
