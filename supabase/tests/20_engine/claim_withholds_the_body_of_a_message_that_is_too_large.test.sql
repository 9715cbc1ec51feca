begin;
select plan(6);

-- Twenty-five bytes of JSON are allowed; the bodies are stored plain, compressed, and as null.
update queues.settings set max_message_bytes = 25 where queue = 'analytics';
select pgmq.send_batch('analytics', array[
  jsonb_build_object('k', repeat('x', 16)), jsonb_build_object('k', repeat('x', 17)),
  jsonb_build_object('k', repeat('x', 300000)), 'null'::jsonb, null]);

create temp table claimed as
select (message ->> 'msg_id')::int as msg_id, message
from jsonb_array_elements(claim_messages('analytics')::jsonb -> 'messages') message;

select is(
  (select message - '{enqueued_at,vt}'::text[] from claimed where msg_id = 1),
  '{"msg_id": 1, "read_ct": 1, "failures": 0, "size_bytes": 25, "message": {"k": "xxxxxxxxxxxxxxxx"}}',
  'a body of exactly the limit is handed out');
select is(
  (select message - '{enqueued_at,vt}'::text[] from claimed where msg_id = 2),
  '{"msg_id": 2, "read_ct": 1, "failures": 0, "size_bytes": 26, "message": null, "withheld": true}',
  'one byte more is withheld');
select is(
  (select message - '{enqueued_at,vt}'::text[] from claimed where msg_id = 3),
  '{"msg_id": 3, "read_ct": 1, "failures": 0, "size_bytes": 300009, "message": null, "withheld": true}',
  'the size is that of the JSON, not of its compressed form');
select is(
  (select message -> 'message' from claimed where msg_id = 4), 'null', 'a message that is null is handed out as null');
select is((select message -> 'message' from claimed where msg_id = 5), 'null', 'so is one that is missing');
select is((select count(*) from claimed where msg_id > 3 and message ? 'withheld'), 0::bigint, 'neither is withheld');

select * from finish();
rollback;
