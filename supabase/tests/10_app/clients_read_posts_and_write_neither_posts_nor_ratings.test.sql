begin;
select plan(15);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
create function pg_temp.tries() returns setof text language plpgsql as $$
begin
  return next is((select count(*) from public.posts_new), 1::bigint, 'posts are readable');
  return next throws_ok('update public.posts_new set likes = 9', '42501');
  return next throws_ok('insert into public.posts_new default values', '42501');
  return next throws_ok('delete from public.posts_new', '42501');
  return next throws_ok('select session_id from public.post_ratings', '42501');
  return next throws_ok(
    $sql$insert into public.post_ratings (post_id, session_id) values ('00000000-0000-4000-8000-0000000000b1', 's')$sql$, '42501');
  return next throws_ok('delete from public.post_ratings', '42501');
end $$;

set local role anon;
select pg_temp.tries();
set local role authenticated;
select pg_temp.tries();
set local role service_role;
select lives_ok('delete from posts_new', 'the service writes posts');

select * from finish();
rollback;
