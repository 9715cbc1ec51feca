begin;
select plan(14);

create function pg_temp.request(p_role text, p_header text) returns text language plpgsql as $$
declare
  v_id text;
begin
  perform set_config('queues.correlation_id', '', true), set_config('role', p_role, true),
    set_config('request.headers', json_build_object('x-correlation-id', p_header)::text, true);
  -- As a function that runs as its owner.
  v_id := pg_temp.id();
  perform set_config('role', 'none', true);
  return v_id;
end $$;
create function pg_temp.id() returns text language plpgsql security definer as $$ begin return queues.correlation_id(); end $$;

select is(queues.correlation_id(), null, 'SQL without a request has none');
select is(pg_temp.request('anon', id), lower(id), id)
from unnest(array['0af76519-16cd-43dd-8448-eb211c80319c', '0AF7651916CD43DD8448EB211C80319C']) id;
select isnt(pg_temp.request('authenticated', id), id, 'refused: ' || left(id, 30))
from unnest(array['', 'call me', '0af76519-16cd-43dd-8448-eb211c80319', '0af76519-16cd-43dd-8448-eb211c80319c0', repeat('0', 100000), '%_\']) id;
select matches(pg_temp.request('anon', null), '^[0-9a-f-]{36}$', 'without one a new one is made');
select is(queues.correlation_id(), queues.correlation_id(), 'once in a transaction');
select is(pg_temp.request('service_role', null), null, 'a worker acts for many requests');

insert into posts_new (id) values ('00000000-0000-4000-8000-0000000000b1');
select pg_temp.request('anon', '0af76519-16cd-43dd-8448-eb211c80319c');
select toggle_post_like('00000000-0000-4000-8000-0000000000b1', 's');
select track_event('page_view', null, 's', '{"a": 1}');
select is((select message -> 'metadata' from pgmq.q_like_events), '{"correlation_id": "0af76519-16cd-43dd-8448-eb211c80319c"}', 'a like has it');
select is((select message -> 'metadata' from pgmq.q_analytics), '{"a": 1, "correlation_id": "0af76519-16cd-43dd-8448-eb211c80319c"}', 'and an event');

select * from finish();
rollback;
