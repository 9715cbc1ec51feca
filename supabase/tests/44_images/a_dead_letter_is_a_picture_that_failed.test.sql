begin;
select plan(6);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into post_images (id, post_id, owner_id, bucket, path, revision) values
  ('00000000-0000-4000-8000-0000000000c1', gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'uploads', '1', 1),
  ('00000000-0000-4000-8000-0000000000c2', gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'uploads', '2', 2),
  ('00000000-0000-4000-8000-0000000000c3', gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'uploads', '3', 1);
select pgmq.send('image_processing', '{"v": 1, "image_id": "00000000-0000-4000-8000-0000000000c1", "revision": 1}');
select pgmq.send('image_processing', '{"v": 1, "image_id": "00000000-0000-4000-8000-0000000000c2", "revision": 1}');

-- Workers that end without a word, one after the other.
create function pg_temp.crash() returns integer language plpgsql as $$
begin
  update pgmq.q_image_processing set vt = clock_timestamp() - interval '1 second';
  return json_array_length(claim_messages('image_processing') -> 'messages');
end $$;
select is((select array_agg(pg_temp.crash()) from generate_series(1, 8)), array[1, 1, 1, 1, 1, 1, 0, 0],
  'each worker has one picture, so its crash is counted for that one alone');
select is((select count(*) from pgmq.q_image_processing_dlq), 2::bigint, 'they are given up');
select results_eq($$select status, reason from post_images where path = '1'$$, $$values ('failed', 'worker_crashed')$$,
  'a picture that kills its workers has failed');
select is((select error from post_images where path = '1'), 'the picture could not be processed; please upload it again later', 'in words');
select results_eq($$select path, status from post_images where path <> '1' order by path$$, $$values ('2', 'pending'), ('3', 'pending')$$,
  'not one that was uploaded again meanwhile, nor any other');
select is((select count(*) from realtime.messages where event = 'image'), 1::bigint, 'its owner hears of it');

select * from finish();
rollback;
