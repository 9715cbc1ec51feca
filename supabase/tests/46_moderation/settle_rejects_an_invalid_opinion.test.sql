begin;
select plan(12);

create function pg_temp.opinion(p_other jsonb) returns void language sql as $$
  select queues.apply_comment_opinions(jsonb_build_array(jsonb_build_object(
    'comment_id', '00000000-0000-4000-8000-0000000000c1', 'revision', 1, 'verdict', 'rejected', 'reason', '{"code": "second_opinion"}'::jsonb, 'hold_secs', 0,
    'provider', 'http', 'opinion', '{"flagged": true, "scores": {}, "model": "m-1"}'::jsonb) || p_other))
$$;
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a1');
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (id, post_id, author_id, body, status, decided_at)
values ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'a comment', 'flagged', now());

select throws_like(format($$select pg_temp.opinion(%L)$$, other), '%' || expected || '%', other)
from (values
  ('{"comment_id": "x"}', 'effects.comment_opinions[0].comment_id'), ('{"revision": "1"}', 'revision'), ('{"verdict": "pending"}', 'verdict'),
  ('{"reason": []}', 'reason'), ('{"hold_secs": -1}', 'hold_secs'), ('{"provider": "ann"}', 'provider'), ('{"opinion": []}', 'opinion'),
  ('{"opinion": null}', 'opinion'), ('{"provider": null}', 'provider')) invalid (other, expected);
select throws_like(format($$select pg_temp.opinion(%L)$$, jsonb_build_object('opinion', jsonb_build_object('model', repeat('m', 9000)))), '%opinion_is_an_object%', 'too much');
select is((select status from comments), 'flagged', 'nothing is changed');
select lives_ok($$select queues.apply_comment_opinions('[]')$$, 'no rows');

select * from finish();
rollback;
