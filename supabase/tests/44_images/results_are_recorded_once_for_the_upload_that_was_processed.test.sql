begin;
select plan(19);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id, profile_id) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1');
insert into post_images (id, post_id, owner_id, bucket, path)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', 'a/b/c.jpg');
create function pg_temp.picture(p_folder text) returns jsonb language sql as $$
  select jsonb_build_object(
    'format', 'jpeg', 'width', 640, 'height', 480, 'color', '#0a0b0c', 'thumbhash', 'abc=',
    'exif', '{"make": "X", "location": {"latitude": 1.5, "longitude": -2}, "serial_number": "007"}'::jsonb,
    'variants', jsonb_build_array(
      jsonb_build_object('name', 'medium', 'bucket', 'images', 'path', p_folder || '/medium.jpeg', 'type', 'image/jpeg',
        'width', 400, 'height', 300, 'size_bytes', 1000)))
$$;
create function pg_temp.settle(p_revision integer, p_picture jsonb, p_reason text default null) returns void language sql as $$
  select queues.apply_post_images(jsonb_build_array(jsonb_build_object(
    'image_id', '00000000-0000-4000-8000-0000000000c1', 'revision', p_revision, 'picture', p_picture,
    'reason', p_reason, 'error', p_reason || ' in words')))
$$;

select pg_temp.settle(1, pg_temp.picture('one'));
select results_eq(
  'select status, width, height, color, thumbhash, format, exif, jsonb_array_length(variants), processed_at is not null from post_images',
  $$values ('ready', 640, 480, '#0a0b0c', 'abc=', 'jpeg', '{"make": "X"}'::jsonb, 1, true)$$, 'a picture is ready');
select results_eq('select location, serial_number from post_image_secrets',
  $$values ('{"latitude": 1.5, "longitude": -2}'::jsonb, '007')$$, 'where it was taken is kept apart');
select results_eq($$select payload ->> 'status', payload #>> '{variants,0,path}' from realtime.messages where event = 'image'$$,
  $$values ('ready', 'one/medium.jpeg')$$, 'its owner hears of it');

select pg_temp.settle(1, pg_temp.picture('one'));
select pg_temp.settle(1, null, 'storage_unavailable');
select is((select status from post_images), 'ready', 'a result that is repeated changes nothing');
select is((select count(*) from realtime.messages where event = 'image'), 1::bigint, 'nor is it told again');
select is((select count(*) from queues.image_removals), 0::bigint, 'nor is what it published removed');

-- Another upload to the same place.
update post_images set revision = 2, status = 'pending', processed_at = null;
select pg_temp.settle(1, pg_temp.picture('late'));
select is((select status from post_images), 'pending', 'a result of an earlier upload is not taken');
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "images", "path": "late/medium.jpeg"}]'::jsonb)$$,
  'and what it published is removed');
delete from queues.image_removals;
select pg_temp.settle(2, pg_temp.picture('two'));
select is((select variants #>> '{0,path}' from post_images), 'two/medium.jpeg', 'the result of the later one is taken');
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "images", "path": "one/medium.jpeg"}]'::jsonb)$$,
  'and what the earlier one published is removed');

delete from queues.image_removals;
update post_images set revision = 3, status = 'pending', processed_at = null;
select pg_temp.settle(3, null, 'truncated');
select results_eq('select status, reason, error, variants, width from post_images',
  $$values ('failed', 'truncated', 'truncated in words', null::jsonb, null::integer)$$, 'an upload that fails shows its reason');
select is((select count(*) from post_image_secrets), 0::bigint, 'and nothing of the earlier one');
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "images", "path": "two/medium.jpeg"}]'::jsonb)$$,
  'whose variants are removed');
select pg_temp.settle(3, pg_temp.picture('three'));
select is((select status from post_images), 'ready', 'one that is sent back may still succeed');

-- Uploads are kept, unless the settings say otherwise.
update queues.image_settings set removes_uploads = true;
delete from queues.image_removals;
update post_images set revision = 4, status = 'pending', processed_at = null, variants = null;
select pg_temp.settle(4, null, 'truncated');
select is((select count(*) from queues.image_removals), 0::bigint, 'an upload that failed is not removed');
select pg_temp.settle(4, pg_temp.picture('four'));
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "uploads", "path": "a/b/c.jpg"}]'::jsonb)$$,
  'one whose variants are recorded is, if the settings say so');

delete from queues.image_removals;
delete from post_images;
delete from queues.image_removals;
select pg_temp.settle(4, pg_temp.picture('gone'));
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "images", "path": "gone/medium.jpeg"}]'::jsonb)$$,
  'what was published for a picture that is gone is removed');

select throws_ok($$select queues.apply_post_images('[{"image_id": "x", "revision": 1, "picture": null, "reason": null, "error": null}]')$$,
  'PT422', '`effects.post_images[0].image_id` is missing or has a wrong type', 'a wrong shape is rejected');
select throws_ok($$select queues.apply_post_images('[{"revisions": 1}]')$$,
  'PT422', '`effects.post_images[0].revisions` is not known', 'and an unknown key');

select * from finish();
rollback;
