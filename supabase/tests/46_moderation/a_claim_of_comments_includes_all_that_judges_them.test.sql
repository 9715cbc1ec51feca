begin;
select plan(7);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
insert into comments (id, post_id, author_id, body)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'comment ' || n
from generate_series(1, 4) n;
insert into auth.users (id) values (pg_temp.person('ann'));
update profiles set language = 'es-MX' where id = pg_temp.person('ann');
update queues.moderation_settings set offence_flag = 0.25, spam_reject = 0.75 where language = 'es';
insert into queues.moderation_log (action, person_id, comment_id, at) values
  ('rejected', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d1', now()),
  ('rejected', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d2', now() - interval '2 days'),
  ('approved', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d2', now() - interval '1 day'),
  ('rejected', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d3', now() - interval '91 days'),
  ('flagged', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d4', now()),
  ('rejected', pg_temp.person('bob'), '00000000-0000-4000-8000-0000000000d5', now()),
  ('rejected', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000c1', now()),
  ('deleted', pg_temp.person('ann'), '00000000-0000-4000-8000-0000000000d1', now());
insert into queues.comment_simhashes (comment_id, simhash, author_id, at) values
  ('00000000-0000-4000-8000-0000000000d1', '0123456789abcdef', pg_temp.person('bob'), now() - interval '1 minute'),
  ('00000000-0000-4000-8000-0000000000d2', 'fedcba9876543210', null, now()),
  ('00000000-0000-4000-8000-0000000000d3', '0000000000000000', null, now() - interval '8 days');
create function pg_temp.context(p_messages jsonb) returns jsonb language sql as $$
  select queues.comment_context(jsonb_agg(jsonb_build_object('msg_id', 1, 'message', m))) from jsonb_array_elements(p_messages) m
$$;
create temp table context as select pg_temp.context('[{"comment_id": "00000000-0000-4000-8000-0000000000C1"},
  {"comment_id": "00000000-0000-4000-8000-0000000000cf"}, {"comment_id": 7}, {"comment_id": "\u2028"}, 1, null, [], "x"]') as c;
select is((select (c #> '{comments,00000000-0000-4000-8000-0000000000c1}') - 'author' from context),
  '{"revision": 1, "status": "pending", "body": "comment 1", "language": "es-MX"}', 'the comment');
select is((select (c #> '{comments,00000000-0000-4000-8000-0000000000c1,author}') - 'age_secs' from context),
  jsonb_build_object('id', pg_temp.person('ann'), 'offences', 1),
  'its author, with other comments that are rejected still: not overruled, old, or of others');
select is((select array_agg(k) from context, jsonb_object_keys(c -> 'comments') k), '{00000000-0000-4000-8000-0000000000c1}', 'comments that exist');
select is((select c -> 'recent' from context), jsonb_build_array(
  jsonb_build_array('fedcba9876543210', '00000000-0000-4000-8000-0000000000d2', null),
  jsonb_build_array('0123456789abcdef', '00000000-0000-4000-8000-0000000000d1', pg_temp.person('bob'))), 'what recent comments looked like, newest first');
select is((select c #> '{settings,thresholds}' from context),
  '{"en": {"spam": {"flag": 0.500, "reject": 0.8}, "offence": {"flag": 0.500, "reject": 0.8}},
    "es": {"spam": {"flag": 0.500, "reject": 0.75}, "offence": {"flag": 0.25, "reject": 0.8}},
    "other": {"spam": {"flag": 0.500, "reject": 0.8}, "offence": {"flag": 0.500, "reject": 0.8}}}', 'the thresholds');
insert into queues.comment_simhashes (comment_id, simhash) select gen_random_uuid(), repeat('f', 16) from generate_series(1, 2100);
select is(jsonb_array_length(pg_temp.context('[1]') -> 'recent'), 2000, 'at most 2,000 of them');
select is(octet_length(pg_temp.context('[1]')::text) < 250000, true, 'in few bytes');

select * from finish();
rollback;
