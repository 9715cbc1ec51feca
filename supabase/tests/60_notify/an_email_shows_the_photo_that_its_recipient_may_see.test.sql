begin;
select plan(13);

insert into profiles (id, username) values
  ('00000000-0000-4000-8000-0000000000a1', 'owner'),
  ('00000000-0000-4000-8000-0000000000a2', 'commenter'),
  ('00000000-0000-4000-8000-0000000000a3', 'stranger');
insert into posts_new (id, profile_id, caption) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'The lake');
insert into comments (id, post_id, author_id, body, status, decided_at, told) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a2',
    'Buy this', 'rejected', now(), '[]');
insert into post_images (id, post_id, owner_id, bucket, path, status, variants, processed_at) values
  ('00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1',
    'uploads', 'a', 'ready', '[
      {"name": "original", "bucket": "images", "path": "o.jpeg", "type": "image/jpeg", "width": 2000, "height": 1000},
      {"name": "medium", "bucket": "images", "path": "m.jpeg", "type": "image/jpeg", "width": 400, "height": 200}]', now());

create function pg_temp.details(p_person text, p_path text default '') returns jsonb language sql as $$
  select queues.email_details(
    '{"post_id": "00000000-0000-4000-8000-0000000000b1", "comment_id": "00000000-0000-4000-8000-0000000000c1"}', id)
      #> coalesce(string_to_array(nullif(p_path, ''), '.'), '{}')
  from profiles where username = p_person
$$;

select is(
  pg_temp.details('owner'),
  '{"post_id": "00000000-0000-4000-8000-0000000000b1", "caption": "The lake", "may_appeal": false,
    "photo": {"bucket": "images", "path": "m.jpeg", "width": 400, "height": 200}}', 'the owner of a post sees its photo');
select is(pg_temp.details('stranger', 'photo.path'), '"m.jpeg"', 'where posts are public, so does everybody');
select is(pg_temp.details('commenter', 'may_appeal'), 'true', 'who wrote a rejected comment may appeal');
insert into queues.appeals (comment_id, body) values ('00000000-0000-4000-8000-0000000000c1', 'Please');
select is(pg_temp.details('commenter', 'may_appeal'), 'false', 'once');

create policy "not at night" on posts_new as restrictive for select to anon, authenticated using (false);
select is(pg_temp.details('stranger', 'photo'), 'null', 'with a policy that restricts readers, a stranger sees nothing');
drop policy "not at night" on posts_new;
alter policy "posts are readable by all" on posts_new using (profile_id = auth.uid());
select is(pg_temp.details('stranger', 'photo'), 'null', 'nor where posts are not for everybody');
select is(pg_temp.details('stranger', 'caption'), 'null', 'not even the caption');
select is(pg_temp.details('commenter', 'photo.path'), '"m.jpeg"', 'who has commented on the post has seen it');

update post_images set status = 'held';
select is(pg_temp.details('owner', 'photo'), 'null', 'a photo that is held back is in no email');
update post_images set status = 'ready', owner_id = '00000000-0000-4000-8000-0000000000a3';
select is(pg_temp.details('owner', 'photo'), 'null', 'nor one that somebody else uploaded for the post');
delete from posts_new;
select is(
  pg_temp.details('owner'), '{"post_id": "00000000-0000-4000-8000-0000000000b1", "caption": null, "photo": null, "may_appeal": false}',
  'a post that is gone has neither');
select is(
  queues.email_details('{"post_id": "x", "comment_id": ["y"]}', '00000000-0000-4000-8000-0000000000a1'),
  '{"post_id": null, "caption": null, "photo": null, "may_appeal": false}', 'what is no id names nothing');
set local client_min_messages = error;
alter table comments rename column author_id to written_by;
select is(pg_temp.details('commenter', 'may_appeal'), 'false', 'an app that has changed its tables still gets its emails out');

select * from finish();
rollback;
