begin;
select plan(12);

select pgmq.send('analytics', '1');
select claim_messages('analytics');

create function pg_temp.settling(p_effects text) returns text language sql as $$
  select format('select settle_messages(%L, %L)', 'analytics', '{"acks": [[1, 1]], "effects": ' || p_effects || '}')
$$;

select throws_ok(pg_temp.settling('{"analytics_events": [{"event_type": "like"}, {"event_type": null}]}'), '23502');
select throws_ok(pg_temp.settling('{"analytics_events": [{"event_type": "like", "post_id": "1"}]}'), '22P02');
select throws_ok(pg_temp.settling('{"analytics_events": [{"event_type": "like", "metadata": []}]}'), '23514');
select throws_ok(pg_temp.settling('{"analytics_events": [{"event_type": "like", "created_at": "300000-01-01"}]}'), '22008');
select throws_ok(pg_temp.settling('{"notifications": [{"recipient_id": null, "type": "new_like", "data": {}}]}'), '23502');
select throws_ok(pg_temp.settling('{"analytics_daily": [{"day": "2026-13-01", "event_type": "like", "count": 1}]}'), '22008');
select throws_ok(pg_temp.settling('{"trending": [{"post_id": "00000000-0000-4000-8000-000000000001", "hour": null, "weight": 1, "gain": 1, "likes": 1}]}'), '23502');
select throws_ok(pg_temp.settling('{"trending": [{"post_id": "1", "hour": "2026-01-01T00:00:00Z", "weight": 1, "gain": 1, "likes": 1}]}'), '22P02');
select throws_ok(pg_temp.settling(format('{"trending": [{"post_id": "00000000-0000-4000-8000-000000000001", "hour": "%s", "weight": 1, "gain": 1, "likes": 1}]}',
  to_jsonb(date_trunc('hour', now(), 'UTC') - interval '1 minute') #>> '{}')), '23514');
select throws_ok(pg_temp.settling(format('{"trending": [{"post_id": "00000000-0000-4000-8000-000000000001", "hour": "%s", "weight": 1, "gain": 0, "likes": 1}]}',
  to_jsonb(date_trunc('hour', now(), 'UTC')) #>> '{}')), '23514');
select is((select count(*) from analytics_events), 0::bigint, 'no row is stored');
select is((select read_ct from pgmq.q_analytics), 1, 'the message is still leased');

select * from finish();
rollback;
