begin;
select plan(3);

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');

set local role anon;
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1')::jsonb -> 'isLiked', 'true', 'anon');
set local role authenticated;
select is(toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's2')::jsonb -> 'isLiked', 'true', 'authenticated');
set local role service_role;
select throws_ok($$select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's3')$$, '42501', null,
  'the service may not like posts');

select * from finish();
rollback;
