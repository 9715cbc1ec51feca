begin;
select plan(1);

insert into posts_new (id, caption) values ('00000000-0000-4000-8000-0000000000b1', repeat('é', 300000));
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's1');

select is(claim_messages('like_events')::jsonb #> '{messages,0,withheld}', null, 'the message is not withheld');

select * from finish();
rollback;
