begin;
select plan(6);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga');
insert into queues.operators (profile_id) select id from profiles;
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a3"}', true);

select is(operator_page('images') -> 'items', '[]', 'none has failed yet');
insert into post_images (id, post_id, owner_id, status, reason, error, processed_at, bucket, path)
select format('00000000-0000-4000-8000-00000000000%s', i)::uuid, gen_random_uuid(), '00000000-0000-4000-8000-0000000000a3', 'failed',
  case i when 1 then 'too_large' else 'unsupported_format' end, 'an error', now() - i * interval '1 minute', 'uploads', 'path ' || i
from generate_series(1, 3) i;
insert into post_images (post_id, owner_id, bucket, path) values (gen_random_uuid(), '00000000-0000-4000-8000-0000000000a3', 'uploads', 'waits');

select is((select array_agg(i ->> 'path') from jsonb_array_elements(operator_page('images') -> 'items') i), '{path 1,path 2,path 3}', 'those that failed, latest first');
select is(operator_page('images') #>> '{items,0,username}', 'olga', 'with their owner');
select is((select array_agg(i ->> 'reason') from jsonb_array_elements(operator_page('images', '{"reason": "too_large"}') -> 'items') i), '{too_large}', 'by reason');
select is(
  (select array_agg(i ->> 'path') from jsonb_array_elements(operator_page('images', jsonb_build_object('limit', 2, 'before', operator_page('images', '{"limit": 2}') -> 'next')) -> 'items') i),
  '{path 3}', 'page by page');
select is(operator_page('images') #>> '{health,failed_24h,unsupported_format}', '2', 'and how pictures are doing');

select * from finish();
rollback;
