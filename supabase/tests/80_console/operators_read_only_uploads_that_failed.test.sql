begin;
select plan(5);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) values ('00000000-0000-4000-8000-0000000000a3');
insert into post_images (post_id, owner_id, status, reason, error, processed_at, bucket, path) values
  (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a4', 'failed', 'too_large', 'an error', now(), 'uploads', 'failed');
insert into post_images (post_id, owner_id, bucket, path) values (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a4', 'uploads', 'waits');

set local role authenticated;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a3"}', true);
select ok(queues.is_failed_upload('uploads', 'failed'), 'an operator reads one that failed');
select ok(not queues.is_failed_upload('uploads', 'waits'), 'no other one');
select ok(not queues.is_failed_upload('images', 'failed'), 'and none of another bucket');
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a4"}', true);
select ok(not queues.is_failed_upload('uploads', 'failed'), 'others do not');
reset role;
select is(queues.show_failed_uploads() ~ '^(operators see|Storage is missing)', true, 'making the policy again is harmless');

select * from finish();
rollback;
