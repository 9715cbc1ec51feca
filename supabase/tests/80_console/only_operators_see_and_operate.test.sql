-- Each page and each action, as each role.
begin;
select plan(13);

create function pg_temp.answer(p_role text, p_person uuid, p_statement text) returns text language plpgsql as $$
declare
  v_code text;
  v_detail text;
begin
  perform set_config('role', p_role, true);
  perform set_config('request.jwt.claims', case when p_person is not null then json_build_object('sub', p_person)::text else '' end, true);
  begin
    execute p_statement;
    v_code := 'ok';
  exception when others then
    get stacked diagnostics v_code = returned_sqlstate, v_detail = pg_exception_detail;
    v_code := concat_ws(' ', v_code, nullif(v_detail, ''));
  end;
  reset role;
  return v_code;
end $$;
insert into profiles (id, username)
select format('00000000-0000-4000-8000-0000000000a%s', n)::uuid, name
from unnest(array['person', 'moderator', 'operator']) with ordinality p (name, n);
insert into queues.moderators (profile_id) values ('00000000-0000-4000-8000-0000000000a2');
insert into queues.operators (profile_id) values ('00000000-0000-4000-8000-0000000000a3');
create temp table call as
select case kind
  when 'page' then format('select operator_page(%L, ''{"queue": "analytics"}'')', key)
  else format('select operate(%L, ''{"queue": "analytics"}'')', key) end as statement
from queues.console;
create function pg_temp.answers(p_role text, p_person uuid) returns text[] language sql as $$
  select array_agg(distinct pg_temp.answer(p_role, p_person, statement)) from call
$$;

select cmp_ok((select count(*)::int from call), '>', 20, 'pages and actions');
select is(pg_temp.answers('anon', null), '{42501}', 'who has not signed in');
select is(pg_temp.answers('anon', '00000000-0000-4000-8000-0000000000a3'), '{42501}', 'whatever they claim');
select is(pg_temp.answers('service_role', null), '{42501}', 'the service has functions of its own');
select is(pg_temp.answers('authenticated', null), '{"PT403 not_an_operator"}', 'people of a third party');
select is(pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000ff'), '{"PT403 not_an_operator"}', 'strangers');
select is(pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000a1'), '{"PT403 not_an_operator"}', 'plain users');
select is(pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000a2'), '{"PT403 not_an_operator"}', 'moderators');
select is('{42501,"PT403 not_an_operator"}' && pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000a3'), false, 'operators may');
select is(pg_temp.answer('authenticated', '00000000-0000-4000-8000-0000000000a3', $$select operator_page('overview')$$), 'ok', 'and are answered');
delete from queues.operators;
select is(pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000a3'), '{"PT403 not_an_operator"}', 'one who is removed is out at once');
insert into queues.operators (profile_id) values ('00000000-0000-4000-8000-0000000000a3');
delete from profiles;
select is(pg_temp.answers('authenticated', '00000000-0000-4000-8000-0000000000a3'), '{"PT403 not_an_operator"}', 'and one whose account is gone');
select is(pg_temp.answer('authenticated', '00000000-0000-4000-8000-0000000000a3', 'select * from queues.operator_log'), '42501', 'nobody reads the tables');

select * from finish();
rollback;
