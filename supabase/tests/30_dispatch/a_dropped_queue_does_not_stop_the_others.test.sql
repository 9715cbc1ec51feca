begin;
select plan(2);

select vault.create_secret('https://project.example', 'queues_project_url');
select vault.create_secret('sb_secret_of_the_test', 'queues_secret_key');
select pgmq.send('notifications', '{}');
select pgmq.drop_queue('analytics');

select is(queues.dispatch(), 1, 'the others are called');
select results_eq('select queue from queues.dispatches', $$values ('notifications')$$, 'only the others');

select * from finish();
rollback;
