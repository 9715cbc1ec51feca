begin;
select plan(15);

insert into profiles (id, username, push_token, email_notifications, quiet_from, quiet_until) values
  ('00000000-0000-4000-8000-0000000000a1', 'ann', 'token', false, '22:00', '07:00'),
  ('00000000-0000-4000-8000-0000000000a2', 'bob', null, true, null, null);
insert into posts_new (id, profile_id, caption) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'the sea');

create function pg_temp.like_event() returns jsonb language plpgsql as $$
begin
  perform toggle_post_like('00000000-0000-4000-8000-0000000000b1', 'me');
  return (select message from pgmq.q_like_events order by msg_id desc limit 1);
end $$;
create function pg_temp.comment() returns json language plpgsql as $$
declare
  v_answer json;
begin
  perform set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a2"}', true);
  delete from queues.rate_limit_keys;
  v_answer := post_comment('00000000-0000-4000-8000-0000000000b1', 'lovely @ann');
  perform set_config('request.jwt.claims', '', true);
  return v_answer;
end $$;
create function pg_temp.recipient() returns jsonb language sql as $$
  select queues.notification_context('[{"message": {"recipient_id": "00000000-0000-4000-8000-0000000000a1"}}]')
    #> '{recipients,00000000-0000-4000-8000-0000000000a1}'
$$;

select is(pg_temp.like_event() ->> 'post_caption', 'the sea', 'an event quotes the caption');
alter table posts_new rename caption to description;
select ok(pg_temp.like_event() ->> 'post_owner_id' = '00000000-0000-4000-8000-0000000000a1'
  and pg_temp.like_event() ->> 'post_caption' is null, 'without a caption, likes go on and name the owner');
select is(pg_temp.comment() ->> 'success', 'true', 'and so do comments');
select is(
  (queues.comment_notifications(c, queues.audience_of(c), false))[1] ->> 'recipient_id', '00000000-0000-4000-8000-0000000000a1',
  'whose notifications name their recipient') from comments c;
alter table posts_new rename description to caption;

alter table posts_new alter caption type jsonb using '{"en": "sea"}';
select is(pg_temp.like_event() ->> 'post_caption', '{"en": "sea"}', 'a caption of another type is read as text');

alter table posts_new drop constraint posts_new_profile_id_fkey;
alter table posts_new alter profile_id type bigint using 7;
select is(pg_temp.like_event() -> 'post_owner_id', 'null', 'an owner whose id is no UUID is nobody');
alter table posts_new rename profile_id to author_id;
select is(pg_temp.like_event() -> 'post_owner_id', 'null', 'without an owner, likes go on');
select is(pg_temp.comment() ->> 'success', 'true', 'and so do comments');

select is(pg_temp.recipient() - '{local_time,has_email}'::text[],
  '{"quiet": {"from": "22:00:00", "until": "07:00:00"}, "devices": [{"id": null, "provider": "fcm"}], "language": "en",
    "push_notifications": true, "email_notifications": false}', 'a recipient has their preferences');
create temporary table whole as select pg_temp.recipient() - 'local_time' as recipient;
alter table profiles rename language to locale;
select is(pg_temp.recipient() - 'local_time', (select recipient || '{"language": null}' from whole),
  'without a language, the other preferences are kept');
alter table profiles alter email_notifications drop default, alter email_notifications type text using 'off';
select is(pg_temp.recipient() -> 'email_notifications', 'false', 'a channel that was turned off stays off with another type');
alter table profiles alter quiet_from type text using '22:00', alter quiet_until type text using 'late';
select is(pg_temp.recipient() -> 'quiet', 'null', 'what is no time begins no quiet hours');
alter table profiles alter push_notifications drop default, alter push_notifications type integer using 0;
select is(pg_temp.recipient() -> 'push_notifications', 'false', 'zero is off');
alter table profiles rename push_token to token;
select is(pg_temp.recipient() -> 'devices', '[]', 'without a column for tokens there is none');

update pgmq.q_comment_moderation set vt = now();
select is(
  claim_messages('comment_moderation') #> '{context,comments}' is not null, true, 'comments are judged all the same');

select * from finish();
rollback;
