begin;
select plan(9);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) values ('00000000-0000-4000-8000-0000000000a3');
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a3"}', true);

create temporary table trial as
select operator_page('trial_claim', '{"queue": "analytics", "message": {"event": "view"}}') -> 'claim' as claim;
select is((select claim #> '{messages,0,message}' from trial), '{"event": "view"}', 'it has the message');
select is((select claim #>> '{messages,0,size_bytes}' from trial), '17', 'with its size');
select pgmq.send('analytics', '{"event": "view"}');
create temporary table real_one as select claim_messages('analytics')::jsonb as claim;
select is((select claim -> 'policy' from trial), (select claim -> 'policy' from real_one), 'and the policy of a claim');
select is((select array_agg(k order by k) from trial, jsonb_object_keys(claim #> '{messages,0}') k),
  (select array_agg(k order by k) from real_one, jsonb_object_keys(claim #> '{messages,0}') k), 'and all that a claimed message has');

select ok(operator_page('trial_claim', '{"queue": "notifications", "message": {"recipient_id": "00000000-0000-4000-8000-0000000000a4"}}')
  -> 'claim' -> 'context' -> 'recipients' ? '00000000-0000-4000-8000-0000000000a4', 'it has the context of the message');

-- A hook that writes, as one that claims deliveries does.
create function queues.spoil_settings(p_messages jsonb) returns jsonb language plpgsql as $$
begin
  update queues.settings set paused = true where queue = 'analytics';
  return '{"spoilt": true}';
end $$;
update queues.settings set claim_hook = 'spoil_settings' where queue = 'analytics';
select is(operator_page('trial_claim', '{"queue": "analytics", "message": 1}') #> '{claim,context}', '{"spoilt": true}', 'a hook is called');
select is((select paused from queues.settings where queue = 'analytics'), false, 'and what it does is undone');
create or replace function queues.spoil_settings(p_messages jsonb) returns jsonb language plpgsql as $$
begin
  raise exception 'the hook is broken';
end $$;
select is(operator_page('trial_claim', '{"queue": "analytics", "message": 1}') #>> '{claim,context_error,message}', 'the hook is broken', 'an error of the hook is in the claim, for the core to judge');
select throws_ok($$select operator_page('trial_claim', '{"queue": "analytics"}')$$, 'PT422', '`message` is missing', 'a message is needed');

select * from finish();
rollback;
