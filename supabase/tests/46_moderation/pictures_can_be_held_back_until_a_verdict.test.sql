begin;
select plan(21);

create function pg_temp.call(p_person text, p_query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  perform set_config('request.jwt.claims', json_build_object('sub', p_person)::text, true);
  set local role authenticated;
  execute 'select to_jsonb(a) from (' || p_query || ') q (a)' into v_answer;
  reset role;
  return v_answer;
end $$;
create function pg_temp.decide(p_person text, p_decision text, p_image integer) returns jsonb language sql as $$
  select pg_temp.call(p_person, format('select %s_image(%L, %L)', p_decision, '00000000-0000-4000-8000-0000000000c' || p_image, 'a note'))
$$;
create function pg_temp.processed(p_image integer) returns text language plpgsql as $$
begin
  perform queues.apply_post_images(jsonb_build_array(jsonb_build_object(
    'image_id', '00000000-0000-4000-8000-0000000000c' || p_image, 'revision', 1, 'reason', null, 'error', null, 'picture',
    jsonb_build_object('format', 'jpeg', 'width', 1, 'height', 1, 'color', '#000000', 'thumbhash', 'x', 'exif', '{}'::jsonb,
      'variants', jsonb_build_array(jsonb_build_object('bucket', 'images', 'path', 'v' || p_image))))));
  return (select status from post_images where path = 'p' || p_image);
end $$;
insert into profiles (id, username) values
  ('00000000-0000-4000-8000-0000000000a1', 'ann'), ('00000000-0000-4000-8000-0000000000a2', 'mod');
insert into queues.moderators (profile_id) values ('00000000-0000-4000-8000-0000000000a2');
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'A lake');
insert into post_images (id, post_id, owner_id, bucket, path)
select ('00000000-0000-4000-8000-0000000000c' || n)::uuid, '00000000-0000-4000-8000-0000000000b1',
  case n when 5 then '00000000-0000-4000-8000-0000000000a2' else '00000000-0000-4000-8000-0000000000a1' end::uuid, 'uploads', 'p' || n
from generate_series(1, 7) n;

select throws_ok($$update queues.image_settings set hold_function = 'no_such_function'$$, 'PT404', null, 'a function that does not exist is rejected');
select is(pg_temp.processed(1), 'ready', 'no picture is held back by default');
update queues.image_settings set hold_function = 'hold_for_moderator';
select is(pg_temp.processed(n), 'held', format('picture %s is held back', n)) from generate_series(2, 5) n;
select is(pg_temp.call('00000000-0000-4000-8000-0000000000a2', 'select list_reviews()') #> '{items,0,evidence}' #- '{image,created_at}' #- '{image,owner}',
  '{"image": {"id": "00000000-0000-4000-8000-0000000000c2", "status": "held", "variants": [{"bucket": "images", "path": "v2"}], "thumbhash": "x"},
    "post": {"id": "00000000-0000-4000-8000-0000000000b1", "caption": "A lake"}}', 'moderators find it in their list');

select is(pg_temp.decide('00000000-0000-4000-8000-0000000000a2', 'approve', 2) ->> 'success', 'true', 'a moderator approves it');
select is((select status from post_images where path = 'p2'), 'ready', 'and it is seen');
select is(pg_temp.decide('00000000-0000-4000-8000-0000000000a2', 'reject', 3) ->> 'success', 'true', 'or rejects it');
select results_eq($$select status, reason, error, variants from post_images where path = 'p3'$$,
  $$values ('failed', 'rejected', 'a note', null::jsonb)$$, 'with a note');
select results_eq('select objects from queues.image_removals', $$values ('[{"bucket": "images", "path": "v3"}]'::jsonb)$$, 'and its variants are removed');
select is(pg_temp.decide('00000000-0000-4000-8000-0000000000a2', 'reject', 1) ->> 'success', 'true', 'a picture that is shown can be taken down');
select is(pg_temp.decide('00000000-0000-4000-8000-0000000000a2', 'approve', 5) ->> 'code', 'own_image', 'not by its owner');
select is(pg_temp.decide('00000000-0000-4000-8000-0000000000a2', 'approve', 6) ->> 'code', 'image_not_found', 'nor before it is processed');
select throws_ok($$select pg_temp.decide('00000000-0000-4000-8000-0000000000a1', 'approve', 4)$$, 'PT403', null, 'nor by anybody else');
select results_eq('select action, actor_id, person_id, note from queues.moderation_log order by id', $$values
  ('approved', '00000000-0000-4000-8000-0000000000a2'::uuid, '00000000-0000-4000-8000-0000000000a1'::uuid, 'a note'),
  ('rejected', '00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000a1', 'a note'),
  ('rejected', '00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000a1', 'a note')$$, 'decisions are logged');
select is((select count(*) from queues.reviews), 2::bigint, 'and no longer wait');

-- A machine: its function holds, and its verdict comes later.
create function queues.held_by_a_test(p_image jsonb) returns boolean language plpgsql as 'begin return p_image ->> ''post_id'' is not null; end';
update queues.image_settings set hold_function = 'held_by_a_test';
select is(pg_temp.processed(6), 'held', 'a function of the app says which pictures are held back');
create function pg_temp.state() returns text language sql as $$
  select status || case when exists (select from queues.reviews r where r.image_id = i.id) then ', in review' else '' end
  from post_images i where path = 'p6'
$$;
select queues.decide_image('00000000-0000-4000-8000-0000000000c6', 'flagged', null, 'not sure');
select is(pg_temp.state(), 'held, in review', 'a machine that is not sure leaves it to a moderator');
select queues.decide_image('00000000-0000-4000-8000-0000000000c6', 'approved', null, null);
select is(pg_temp.state(), 'ready', 'one that is publishes it');

select * from finish();
rollback;
