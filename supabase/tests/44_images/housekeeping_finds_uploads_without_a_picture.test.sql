begin;
select plan(7);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
-- From before the trigger.
drop trigger queues_note_upload on storage.objects;
insert into storage.objects (bucket_id, name, created_at)
select 'uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/' || n || '.jpg', now() - interval '1 hour'
from generate_series(1, 3) n;
insert into storage.objects (bucket_id, name, created_at) values
  ('uploads', 'nowhere.jpg', now() - interval '1 hour'),
  ('uploads', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/new.jpg', now()),
  ('images', '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b1/a.jpg', now() - interval '1 hour');
select queues.watch_uploads();

select is(queues.find_missed_uploads(2), 2, 'it takes small steps');
select is(queues.find_missed_uploads(2), 2, 'and goes on');
select is(queues.find_missed_uploads(2), 0, 'until nothing is left');
select results_eq('select right(path, 5), status from post_images order by path',
  $$values ('1.jpg', 'pending'), ('2.jpg', 'pending'), ('3.jpg', 'pending')$$, 'uploads are processed, but for one that is being made');
select is((select count(*) from pgmq.q_image_processing), 3::bigint, 'once each');
select results_eq('select path from queues.upload_problems', $$values ('nowhere.jpg')$$, 'what is no picture is a problem');

alter schema storage rename to not_storage;
select is(queues.find_missed_uploads(2), 0, 'without Storage there is nothing to find');

select * from finish();
rollback;
