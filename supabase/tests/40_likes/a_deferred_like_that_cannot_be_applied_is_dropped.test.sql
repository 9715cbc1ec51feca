begin;
select plan(12);

update queues.rate_limits set per_minute = 60, burst = 9 where action = 'like';
insert into posts_new (id) select format('00000000-0000-4000-8000-0000000000b%s', n)::uuid from generate_series(1, 6) n;
insert into queues.deferred_likes (owner, post_id, session_id, is_liked, apply_after)
select 'session:s', format('00000000-0000-4000-8000-0000000000b%s', n)::uuid, 's', true, clock_timestamp() + n * interval '1 ms'
from generate_series(1, 6) n;
create function pg_temp.like_of(p_post int) returns queues.deferred_likes language sql as $$
  select d from queues.deferred_likes d where post_id::text like '%b' || p_post
$$;
create function pg_temp.decide(p_post int, p_decision text, p_more jsonb default '{}', p_revision int default 1) returns void language sql as $$
  select queues.settle_deferred_likes(jsonb_build_array(jsonb_build_object(
    'id', (pg_temp.like_of(p_post)).id, 'revision', p_revision, 'decision', p_decision) || p_more))
$$;

select pg_temp.decide(1, 'drop', '{"reason": "superseded"}');
select is((pg_temp.like_of(1)).reason, 'superseded', 'dropped as decided');
delete from posts_new where id::text like '%b2';
select pg_temp.decide(2, 'apply');
select is((pg_temp.like_of(2)).reason, 'post_gone', 'the post went since the claim');
insert into post_ratings (post_id, session_id) values ('00000000-0000-4000-8000-0000000000b3', 's');
select pg_temp.decide(3, 'apply');
select is((pg_temp.like_of(3)).reason, 'nothing_to_do', 'it is as wanted');
select is((select count(*)::int from queues.rate_limit_keys where free_at > clock_timestamp()), 0, 'which is not charged');

create function pg_temp.refuse() returns trigger language plpgsql as $$begin raise 'blocked by the owner'; end$$;
create trigger refuse before insert on post_ratings for each row execute function pg_temp.refuse();
select pg_temp.decide(4, 'apply');
select is((pg_temp.like_of(4)).reason, 'rejected: blocked by the owner (P0001)', 'a trigger of the app refuses it');
drop trigger refuse on post_ratings;
select is((select count(*)::int from pgmq.q_like_events), 0, 'none of them sends an event');

update queues.deferred_likes set revision = 2 where post_id::text like '%b5';
select pg_temp.decide(5, 'apply');
select is((pg_temp.like_of(5)).outcome, null, 'a decision about an earlier wish changes nothing');
select pg_temp.decide(5, 'wait', '{"until": "2099-01-01T00:00:00Z"}', 2);
select is((pg_temp.like_of(5)).apply_after, '2099-01-01T00:00:00Z', 'one that waits is looked at again then');

select throws_matching($$select pg_temp.decide(6, 'like')$$, '`effects.deferred_likes\[0\].decision` is missing or has a wrong type',
  'another decision is rejected');
select throws_matching($$select pg_temp.decide(6, 'drop')$$, 'a_dropped_like_has_its_reason|reason', 'so is a drop without a reason');

select queues.drop_likes_of_dead_letters('[{"msg_id": 1, "message": {"owner": "session:s"}, "code": "retries_exhausted"}, {"message": null}]');
select results_eq(
  $$select right(post_id::text, 1), reason from queues.deferred_likes where post_id::text ~ 'b[56]' order by post_id$$,
  $$values ('5', 'retries_exhausted'), ('6', 'retries_exhausted')$$, 'a dead letter drops the likes of its owner');
update queues.deferred_likes set kept_at = kept_at - interval '8 days' where post_id::text ~ 'b[12]';
select is(queues.prune_deferred_likes(1) + queues.prune_deferred_likes(5), 2, 'housekeeping removes old ones in steps');

select * from finish();
rollback;
