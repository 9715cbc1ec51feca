begin;
select plan(4);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
insert into profiles (id) select pg_temp.person(name) from unnest(array['ann', 'bob', 'cat', 'dan']) name;
insert into queues.hidden_people (person_id, kind, hidden_id) values
  (pg_temp.person('ann'), 'block', pg_temp.person('bob')), (pg_temp.person('ann'), 'mute', pg_temp.person('cat')), (pg_temp.person('ann'), 'mute', pg_temp.person('bob'));
create function pg_temp.silenced(variadic p_pairs text[]) returns jsonb language sql as $$
  select queues.notification_context(jsonb_agg(jsonb_build_object('message', jsonb_build_object(
    'recipient_id', pg_temp.person(split_part(pair, ' ', 1)), 'actor_profile_id', pg_temp.person(split_part(pair, ' ', 2)))))) -> 'silenced'
  from unnest(p_pairs) pair
$$;
select is(pg_temp.silenced('ann bob', 'ann cat', 'ann dan'),
  jsonb_build_object(pg_temp.person('ann'), jsonb_build_array(pg_temp.person('bob'), pg_temp.person('cat'))), 'whom they blocked or muted');
select is(pg_temp.silenced('bob ann'), jsonb_build_object(pg_temp.person('bob'), jsonb_build_array(pg_temp.person('ann'))), 'and who blocked them');
select is(pg_temp.silenced('cat ann'), '{}', 'not who muted them');
select is(queues.notification_context('[{"message": 1}, {"message": {"recipient_id": 7}}]') -> 'silenced', '{}', 'any message');

select * from finish();
rollback;
