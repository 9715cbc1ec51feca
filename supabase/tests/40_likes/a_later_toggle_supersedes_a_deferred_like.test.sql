begin;
select plan(12);

update queues.rate_limits set per_minute = 6, burst = 1 where action = 'like';
insert into profiles (id) values ('00000000-0000-4000-8000-00000000000a');
insert into posts_new (id) select format('00000000-0000-4000-8000-0000000000b%s', n)::uuid from generate_series(1, 3) n;
create function pg_temp.toggle(p_post int, p_person text default null) returns text language plpgsql as $$
declare
  v_answer json;
begin
  perform set_config('request.jwt.claims', coalesce(json_build_object('sub', p_person)::text, ''), true);
  v_answer := public.toggle_post_like(format('00000000-0000-4000-8000-0000000000b%s', p_post)::uuid, 's', true);
  return concat_ws(' ', case when (v_answer ->> 'deferred')::boolean then 'deferred' else v_answer ->> 'newLikeCount' end, v_answer ->> 'isLiked');
end $$;
create function pg_temp.reset_limits() returns void language sql as $$delete from queues.rate_limit_keys$$;

select is(pg_temp.toggle(1), '1 true', 'the burst');
select is(pg_temp.toggle(2), 'deferred true', 'a like is deferred');
select is(pg_temp.toggle(1), 'deferred false', 'and an unlike');
select pg_temp.reset_limits();
select is(pg_temp.toggle(2), '0 false', 'a toggle flips what the app was told last');
select is((select count(*)::int from pgmq.q_like_events), 1, 'without an event where nothing changed');
select pg_temp.reset_limits();
select is(pg_temp.toggle(1), '1 true', 'also of an unlike');
select is((select count(*)::int from queues.deferred_likes where is_superseded and outcome is null), 2, 'the worker drops both');
select is(pg_temp.toggle(2), 'deferred true', 'unless the app defers again');
select is((select count(*)::int from pgmq.q_deferred_actions), 1, 'for which there is a message already');

-- Signed in, they also own what their session deferred.
select pg_temp.reset_limits();
select is(pg_temp.toggle(3, '00000000-0000-4000-8000-00000000000a'), '1 true', 'the burst of the person');
select is(pg_temp.toggle(2, '00000000-0000-4000-8000-00000000000a'), 'deferred false', 'who sees the like of the session');
select results_eq(
  $$select split_part(owner, ':', 1), is_superseded, is_liked from queues.deferred_likes where post_id::text like '%b2' order by 1$$,
  $$values ('person', false, false), ('session', true, true)$$, 'and replaces it');

select * from finish();
rollback;
