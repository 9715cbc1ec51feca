begin;
select plan(5);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into post_images (id, post_id, owner_id, bucket, path, size_bytes) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'uploads', 'a', 7),
  ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'elsewhere', 'b', null);
create function pg_temp.context(p_message jsonb) returns jsonb language sql as $$
  select queues.image_context(jsonb_build_array(jsonb_build_object('message', p_message)))
$$;

select is(pg_temp.context('{"image_id": "00000000-0000-4000-8000-0000000000c1"}'),
  '{"settings": {"images_bucket": "images", "keeps_location": false, "keeps_serial_number": false, "reads_heic": false}, "removals": {},
    "images": {"00000000-0000-4000-8000-0000000000c1": {"revision": 1, "status": "pending", "bucket": "uploads", "path": "a",
      "size_bytes": 7, "is_stored": false, "owner_id": "00000000-0000-4000-8000-0000000000a1",
      "post_id": "00000000-0000-4000-8000-0000000000b1"}}}', 'a claim has what its decisions need');
select is(pg_temp.context('{"image_id": "00000000-0000-4000-8000-0000000000c2"}') #> '{images,00000000-0000-4000-8000-0000000000c2,is_stored}',
  'null', 'of a bucket that Storage does not know, it is not known whether the upload is there');
select is(pg_temp.context(message) - 'settings', '{"images": {}, "removals": {}}', message::text)
from (values ('[{}, "x", null]'::jsonb)) m (message);
select is((
  select count(*) from unnest(array[
    'null', '7', '"x"', '[]', '{"image_id": 7}', '{"image_id": "x"}', '{"removal_id": {"a": []}}', '{"image_id": null, "removal_id": ""}'
  ]::jsonb[]) message where pg_temp.context(message) - 'settings' = '{"images": {}, "removals": {}}'), 8::bigint, 'any message has a context');
alter schema storage rename to not_storage;
select is(pg_temp.context('{"image_id": "00000000-0000-4000-8000-0000000000c1"}') #> '{images,00000000-0000-4000-8000-0000000000c1,is_stored}',
  'null', 'also without Storage');

select * from finish();
rollback;
