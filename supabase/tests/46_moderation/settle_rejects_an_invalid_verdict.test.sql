begin;
select plan(20);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.verdict(p_comment int, p_verdict text, p_other jsonb default '{}') returns void language sql as $$
  select queues.apply_comment_verdicts(jsonb_build_array(jsonb_build_object(
    'comment_id', format('00000000-0000-4000-8000-0000000000c%s', p_comment), 'revision', 1, 'verdict', p_verdict, 'reasons', '[]'::jsonb,
    'scores', '{"offence": 0.1, "spam": 0.2}'::jsonb, 'language', 'en', 'model', '1', 'simhash', null, 'hold_secs', 0, 'asks', false) || p_other))
$$;
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'moderator']) name;
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
insert into comments (id, post_id, author_id, body)
select format('00000000-0000-4000-8000-0000000000c%s', n)::uuid, '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'comment ' || n
from generate_series(1, 4) n;
select throws_like(format($$select pg_temp.verdict(1, 'approved', %L)$$, other), '%' || expected || '%', other)
from (values
  ('{"comment_id": "x"}', 'effects.comment_verdicts[0].comment_id'), ('{"comment_id": null}', 'comment_id'), ('{"revision": "1"}', 'revision'),
  ('{"revision": 0}', 'revision'), ('{"revision": 1.5}', 'revision'), ('{"verdict": "fine"}', 'verdict'), ('{"verdict": "pending"}', 'verdict'),
  ('{"reasons": {}}', 'reasons'), ('{"reasons": [1,2,3,4,5,6,7,8,9]}', 'reasons_are_a_short_list'), ('{"scores": []}', 'scores'),
  ('{"language": "xx"}', 'language_is_known'), ('{"model": "123456789012345678901234567890123"}', 'model_is_short'),
  ('{"simhash": "xyz"}', 'simhash_has_64_bits'), ('{"simhash": 7}', 'simhash'), ('{"hold_secs": -1}', 'hold_secs'), ('{"hold_secs": "x"}', 'hold_secs'),
  ('{"more": 1}', 'effects.comment_verdicts[0].more')
) v (other, expected);
select throws_like($$select queues.apply_comment_verdicts('{}')$$, '%`effects.comment_verdicts` is not an array%', 'no array');
select throws_like($$select queues.apply_comment_verdicts('[{}]')$$, '%is missing%', 'missing fields');
select is((select count(*)::int from comments where status <> 'pending'), 0, 'nothing was decided');

select * from finish();
rollback;
