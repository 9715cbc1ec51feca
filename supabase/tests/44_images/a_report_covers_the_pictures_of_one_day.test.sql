begin;
select plan(4);

insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into post_images (post_id, owner_id, bucket, path, size_bytes, created_at, processed_at, status, reason, error, variants)
select gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'uploads', path, 100, at, at + interval '2 seconds', status, reason, reason,
  case status when 'ready' then '[{"size_bytes": 10}, {"size_bytes": 5}]'::jsonb end
from (values
  ('a', timestamptz '2026-11-20 00:00:00Z', 'ready', null), ('b', '2026-11-20 23:59:59Z', 'failed', 'truncated'),
  ('c', '2026-11-20 12:00:00Z', 'failed', 'truncated'), ('d', '2026-11-19 23:59:59Z', 'ready', null), ('e', '2026-11-21 00:00:00Z', 'ready', null)
) i (path, at, status, reason);

select queues.report_images_of('2026-11-20');
select results_eq(
  'select uploaded, by_status, by_reason, uploaded_bytes, published_bytes, processing_secs_p95 from image_reports',
  $$values (3::bigint, '{"ready": 1, "failed": 2}'::jsonb, '{"truncated": 2}'::jsonb, 300::bigint, 15::bigint, 2::numeric)$$, 'the uploads of the day');
delete from post_images where path = 'b';
select queues.report_images_of('2026-11-20');
select is((select uploaded from image_reports), 2::bigint, 'a report can be made again');
select queues.report_images_of('2026-11-01');
select results_eq($$select uploaded, by_status, processing_secs_p95 from image_reports where day = '2026-11-01'$$,
  $$values (0::bigint, '{}'::jsonb, null::numeric)$$, 'a day without uploads has one too');
set local role authenticated;
select throws_ok('select * from image_reports', '42501', null, 'reports are for the service');

select * from finish();
rollback;
