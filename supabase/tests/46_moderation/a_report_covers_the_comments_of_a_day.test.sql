begin;
select plan(7);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.call(p_person text, p_query text) returns jsonb language plpgsql as $$
declare
  v_answer jsonb;
begin
  execute format('set local role %I', case when p_person is null then 'anon' else 'authenticated' end);
  perform set_config('request.jwt.claims',
    case when p_person is not null then json_build_object('sub', pg_temp.person(p_person))::text else '' end, true);
  execute 'select to_jsonb(a) from (' || p_query || ') q (a)' into v_answer;
  reset role;
  return v_answer;
end $$;
insert into profiles (id) values (pg_temp.person('ann'));
insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
insert into comments (post_id, author_id, body, created_at)
select '00000000-0000-4000-8000-0000000000b1', pg_temp.person('ann'), 'x', at
from unnest(array['2026-03-01 23:59:59Z', '2026-03-02 00:00:00Z', '2026-03-02 23:59:59.999Z', '2026-03-03 00:00:00Z']::timestamptz[]) at;
insert into queues.moderation_log (at, action, actor_id, comment_id, reasons)
select timestamptz '2026-03-02 00:00:00Z' + n * interval '1 minute', action, case when who = 'm' then pg_temp.person('moderator') end,
  format('00000000-0000-4000-8000-0000000000c%s', comment)::uuid, case when codes <> '{}' then (select jsonb_agg(jsonb_build_object('code', c)) from unnest(codes) c) end
from (values
  (0, 'approved', null, 1, '{}'::text[]), (1, 'rejected', null, 2, '{insult,threat}'), (2, 'rejected', null, 3, '{insult}'), (3, 'flagged', null, 4, '{link}'),
  (4, 'reported', 'm', 1, '{}'), (5, 'appealed', 'm', 2, '{}'), (6, 'approved', 'm', 2, '{insult}'), (7, 'rejected', 'm', 4, '{link}'), (8, 'approved', 'm', 5, '{}'),
  (9, 'banned', 'm', 1, '{}'), (1440, 'approved', null, 6, '{}')) l (n, action, who, comment, codes);
insert into queues.reviews (post_id) values ('00000000-0000-4000-8000-0000000000b1');
select queues.report_comments_of('2026-03-02'), queues.report_comments_of('2026-03-04');
select is((select posted from comment_reports where day = '2026-03-02'), 2::bigint, 'comments of the day');
select is((select by_decision from comment_reports where day = '2026-03-02'),
  '{"machine": {"approved": 1, "flagged": 1, "rejected": 2}, "moderators": {"approved": 2, "rejected": 1}}', 'who decided what');
select is((select by_reason from comment_reports where day = '2026-03-02'), '{"insult": 2, "threat": 1, "link": 1}', 'and why');
select is((select array[overruled, reports, appeals, bans, waiting] from comment_reports where day = '2026-03-02'), '{1,1,1,1,1}', 'what people and moderators did');
select is((select by_decision from comment_reports where day = '2026-03-04'), '{}', 'a day without comments');
select queues.report_comments_of('2026-03-02');
select is((select count(*)::int from comment_reports), 2, 'made again');
select queues.daily();
select is((select count(*)::int from comment_reports where day = (now() at time zone 'UTC')::date - 1), 1, 'the daily job makes it');

select * from finish();
rollback;
