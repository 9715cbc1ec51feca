begin;
select plan(12);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1'), ('00000000-0000-4000-8000-0000000000a2');
insert into posts_new (id, profile_id)
select ('00000000-0000-4000-8000-0000000000b' || n)::uuid, '00000000-0000-4000-8000-0000000000a1' from generate_series(1, 3) n;
-- Two posts with the same picture share no object.
insert into post_images (id, post_id, owner_id, bucket, path, status, processed_at, variants)
select ('00000000-0000-4000-8000-0000000000c' || n)::uuid, ('00000000-0000-4000-8000-0000000000b' || n)::uuid,
  '00000000-0000-4000-8000-0000000000a1', 'uploads', 'up' || n, 'ready', now(),
  jsonb_build_array(jsonb_build_object('name', 'medium', 'bucket', 'images', 'path', 'variant' || n))
from generate_series(1, 2) n;
insert into post_images (id, post_id, owner_id, bucket, path) values
  ('00000000-0000-4000-8000-0000000000c3', '00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-0000000000a1', 'uploads', 'up3');
create function pg_temp.named(p_id uuid) returns jsonb language sql as $$
  select queues.image_context(jsonb_build_array(jsonb_build_object('message', jsonb_build_object('removal_id', p_id))))
    #> array['removals', p_id::text]
$$;

delete from posts_new where id = '00000000-0000-4000-8000-0000000000b1';
select is((select count(*) from post_images), 2::bigint, 'the row of its picture is deleted');
select results_eq('select objects from queues.image_removals',
  $$values ('[{"bucket": "images", "path": "variant1"}, {"bucket": "uploads", "path": "up1"}]'::jsonb)$$, 'its own objects are to be removed');
select results_eq('select message from pgmq.q_image_processing', $$select jsonb_build_object('v', 1, 'removal_id', id) from queues.image_removals$$,
  'by a message in the queue');
select is(pg_temp.named((select id from queues.image_removals)), '{"images": ["variant1"], "uploads": ["up1"]}', 'whose claim names them by bucket');
select queues.settle_image_removals((select jsonb_agg(jsonb_build_object('removal_id', id)) from queues.image_removals));
select is((select count(*) from queues.image_removals), 0::bigint, 'until they are removed');

delete from pgmq.q_image_processing;
delete from posts_new where id = '00000000-0000-4000-8000-0000000000b3';
select results_eq('select image_id, objects from queues.image_removals order by image_id nulls first', $$values
  (null::uuid, '[{"bucket": "uploads", "path": "up3"}]'::jsonb), ('00000000-0000-4000-8000-0000000000c3'::uuid, '[]'::jsonb)$$,
  'a picture that a worker may be publishing now is looked for again');
select results_eq('select vt > now() + interval ''2 minutes'' from pgmq.q_image_processing order by msg_id', 'values (false), (true)', 'when its lease is over');
insert into storage.objects (bucket_id, name)
select 'images', format('00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b3/hash/%s.1/%s.jpeg', id, name)
from (values ('00000000-0000-4000-8000-0000000000c3'), ('00000000-0000-4000-8000-0000000000c9')) i (id), (values ('medium'), ('original')) n (name);
select is(pg_temp.named((select id from queues.image_removals where image_id is not null)), jsonb_build_object('images', jsonb_build_array(
  '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b3/hash/00000000-0000-4000-8000-0000000000c3.1/medium.jpeg',
  '00000000-0000-4000-8000-0000000000a1/00000000-0000-4000-8000-0000000000b3/hash/00000000-0000-4000-8000-0000000000c3.1/original.jpeg')),
  'and what was published for it is found, and nothing else');
select queues.settle_image_removals((select jsonb_agg(jsonb_build_object('removal_id', id)) from queues.image_removals));
select results_eq('select image_id, rounds from queues.image_removals', $$values ('00000000-0000-4000-8000-0000000000c3'::uuid, 1)$$,
  'the removal goes on while there is something left');

delete from queues.image_removals;
delete from profiles where id = '00000000-0000-4000-8000-0000000000a1';
select results_eq('select objects from queues.image_removals',
  $$values ('[{"bucket": "images", "path": "variant2"}, {"bucket": "uploads", "path": "up2"}]'::jsonb)$$, 'pictures go with their owner too');

insert into post_images (post_id, owner_id, bucket, path, created_at)
values (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a2', 'uploads', 'old', now() - interval '8 days'),
  (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a2', 'uploads', 'new', now());
select is(queues.prune_images(10), 1, 'a picture whose post never came is removed after a while');
select is((select path from post_images), 'new', 'others are not');

select * from finish();
rollback;
