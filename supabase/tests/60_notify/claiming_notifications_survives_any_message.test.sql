begin;
select plan(3);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

select is(
  queues.notification_context('[{"msg_id": 1, "message": null}, {"msg_id": 2}, {"message": []}, {"message": "text"}, {"message": 1},
    {"message": {"recipient_id": null}}, {"message": {"recipient_id": 7}}, {"message": {"recipient_id": {"a": 1}}},
    {"message": {"recipient_id": "nobody"}}, {"message": {"recipient_id": "00000000-0000-4000-8000-00000000000a; drop table profiles"}},
    {"message": {"recipient_id": "0000000000004000800000000000000g"}}, {"message": {"recipient_id": ""}}]') -> 'recipients',
  '{}', 'any message is accepted');
select is(queues.notification_context('[]') -> 'recipients', '{}', 'no messages are accepted');
select is(
  queues.notification_context('[{"message": {"recipient_id": {}}}, {"message": {"recipient_id": "00000000-0000-4000-8000-00000000000a"}}]')
    #>> '{recipients,00000000-0000-4000-8000-00000000000a,language}', 'en', 'the other messages get their recipients');

select * from finish();
rollback;
