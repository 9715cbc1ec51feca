begin;
select plan(12);

create function pg_temp.person(p_name text) returns uuid language sql strict as $$
  select format('00000000-0000-4000-8000-0000000000%s', encode(convert_to(left(p_name, 1), 'utf8'), 'hex'))::uuid
$$;
create function pg_temp.verdict(p_comment int, p_verdict text, p_other jsonb default '{}') returns void language sql as $$
  select queues.apply_comment_verdicts(jsonb_build_array(jsonb_build_object(
    'comment_id', format('00000000-0000-4000-8000-0000000000c%s', p_comment), 'revision', 1, 'verdict', p_verdict, 'reasons', '[]'::jsonb,
    'scores', '{"offence": 0.1, "spam": 0.2}'::jsonb, 'language', 'en', 'model', '1', 'simhash', null, 'hold_secs', 0, 'asks', false) || p_other))
$$;
insert into profiles (id, username) select pg_temp.person(name), name from unnest(array['owner', 'ann', 'bob', 'cleo', 'dan.dy', 'Twin']) name;
insert into profiles (username) values ('twin'), ('Émile');
insert into posts_new (id, profile_id, caption) values ('00000000-0000-4000-8000-0000000000b1', pg_temp.person('owner'), 'sea');
create function pg_temp.told(p_body text, p_author text default 'ann', p_reply_to text default null) returns text[] language plpgsql as $$
begin
  return array(
    select concat_ws(' ', t ->> 'type', p.username)
    from jsonb_array_elements(queues.audience_of(jsonb_populate_record(null::comments, jsonb_build_object(
      'post_id', '00000000-0000-4000-8000-0000000000b1', 'author_id', pg_temp.person(p_author), 'body', p_body, 'reply_to', pg_temp.person(p_reply_to))))) t
    join profiles p on p.id = (t ->> 'recipient_id')::uuid order by concat_ws(' ', t ->> 'type', p.username) collate "C");
end $$;
select is(pg_temp.told('nice'), '{"new_comment owner"}', 'the owner of the post');
select is(pg_temp.told('nice', 'owner'), '{}', 'not of their own comment');
select is(pg_temp.told('nice', 'ann', 'bob'), '{"comment_reply bob","new_comment owner"}', 'who is answered');
select is(pg_temp.told('nice', 'ann', 'owner'), '{"comment_reply owner"}', 'once, if that is the owner');
select is(pg_temp.told('nice', 'ann', 'ann'), '{"new_comment owner"}', 'not who answers themselves');
select is(pg_temp.told('hi @bob, @CLEO! (@dan.dy.) @Émile'), '{"mention bob","mention cleo","mention dan.dy","mention Émile","new_comment owner"}', 'who is mentioned');
select is(pg_temp.told('@bob @bob @owner @ann', 'ann', 'bob'), '{"comment_reply bob","new_comment owner"}', 'everybody once, and not the author');
select is(pg_temp.told('mail x@bob.example or bob@cleo @@bob @ bob @nobody @twin', 'ann'), '{"new_comment owner"}', 'no address, no name of two people');
select is(pg_temp.told(string_agg('@nobody' || n, ' ') || ' @zzz'), '{"new_comment owner"}', 'the first ten') from generate_series(1, 300) n;
select is(cardinality(queues.mentioned_people(repeat('@', 2000))), 0, 'nothing but signs');
update posts_new set profile_id = null;
select is(pg_temp.told('nice @bob'), '{"mention bob"}', 'a post without an owner');
alter table profiles rename column username to handle;
select is(queues.mentioned_people('@bob'), '{}', 'nobody, if the app renames the column');

select * from finish();
rollback;
