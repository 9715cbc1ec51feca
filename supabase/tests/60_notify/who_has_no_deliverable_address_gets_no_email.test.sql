begin;
select plan(1);

create temp table person (email text, confirmed timestamptz, deleted timestamptz, has_email boolean, why text);
insert into person values
  ('ann@example.org', now(), null, true, 'a confirmed one'),
  ('ann@bücher.example', now(), null, true, 'an internationalised domain'),
  ('ann@example.org', null, null, false, 'not confirmed'),
  (null, now(), null, false, 'none'),
  ('', now(), null, false, 'an empty one'),
  ('3f2a9c0e5d1b7f88', now(), null, false, 'one without @'),
  ('ann@example.org', now(), now(), false, 'a person who was deleted softly');
alter table person add id uuid default gen_random_uuid();
insert into auth.users (id, email, email_confirmed_at, deleted_at) select id, email, confirmed, deleted from person;
select set_eq(
  'select profile_id from queues.email_addresses(array(select id from person))', 'select id from person where has_email',
  'only who has a deliverable address has one');

select * from finish();
rollback;
