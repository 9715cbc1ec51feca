begin;
select plan(6);

-- 25 bytes of JSON are allowed. Bodies are stored plain, compressed, and as null.
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
  'a body of exactly the limit is returned');
select is(
  (select message - '{enqueued_at,vt}'::text[] from claimed where msg_id = 2),
  '{"msg_id": 2, "read_ct": 1, "failures": 0, "size_bytes": 26, "message": null, "withheld": true}',
  'a body of one byte more is withheld');
select is(
  (select message - '{enqueued_at,vt}'::text[] from claimed where msg_id = 3),
  '{"msg_id": 3, "read_ct": 1, "failures": 0, "size_bytes": 300009, "message": null, "withheld": true}',
  'the size is that of the JSON, not of the compressed value');
select is(
  (select message -> 'message' from claimed where msg_id = 4), 'null', 'a JSON null is returned as null');
select is((select message -> 'message' from claimed where msg_id = 5), 'null', 'so is an SQL null');
select is((select count(*) from claimed where msg_id > 3 and message ? 'withheld'), 0::bigint, 'neither counts as withheld');

select * from finish();
rollback;
