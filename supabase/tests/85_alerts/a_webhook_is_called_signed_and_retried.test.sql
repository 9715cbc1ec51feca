begin;
select plan(15);

create function pg_temp.reason() returns text language sql as $$
  select string_agg(coalesce(last_code || ' ' || last_error, ''), ' ') from queues.failures where queue = 'alerts'
$$;
create function pg_temp.answer(p_status integer, p_content text default null, p_error text default null) returns void language sql as $$
  insert into net._http_response (id, status_code, content, error_msg, timed_out, created)
  select request_id, p_status, p_content, p_error, false, clock_timestamp() from queues.alert_requests;
  delete from net.http_request_queue
$$;
create function pg_temp.due() returns void language sql as $$ update pgmq.q_alerts set vt = clock_timestamp() $$;
insert into profiles (id) values ('00000000-0000-4000-8000-0000000000a3');
insert into queues.operators (profile_id) values ('00000000-0000-4000-8000-0000000000a3');
select set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-0000000000a3"}', true);

select throws_ok($$select operate('test_alert', '{}')$$, 'PT422', '`webhook` cannot be called: no webhook is set', 'without a webhook');
update queues.alert_settings set webhook_url = 'https://alerts.example/hook';
select throws_ok($$select operate('test_alert', '{}')$$, 'PT422', '`webhook` cannot be called: the secret `queues_alert_secret` is missing', 'and without a secret there is no test');
select pgmq.send('alerts', '{"v": 1, "id": "a.raised", "type": "queue.failing"}');
select queues.send_alerts(100);
select matches(pg_temp.reason(), '^webhook_not_called the secret `queues_alert_secret` is missing: select vault', 'what was sent before waits for it');
select vault.create_secret('secret', 'queues_alert_secret');
select pg_temp.due(), queues.send_alerts(100);
select matches(pg_temp.reason(), '^webhook_not_called the secret `queues_alert_secret` is not whsec_ followed by base64', 'a secret of another form');
select is((select count(*)::int from net.http_request_queue), 0, 'nothing was called yet');

select vault.update_secret((select id from vault.secrets where name = 'queues_alert_secret'), 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=');
select pg_temp.due(), queues.send_alerts(100);
select is((select array_agg(url::text) from net.http_request_queue), '{https://alerts.example/hook}', 'the webhook is called');
select is((select convert_from(body, 'UTF8')::jsonb ->> 'id' from net.http_request_queue), 'a.raised', 'with the message');
select is((select headers ->> 'webhook-signature' from net.http_request_queue),
  (select 'v1,' || encode(extensions.hmac(
    convert_to(concat_ws('.', headers ->> 'webhook-id', headers ->> 'webhook-timestamp', convert_from(body, 'UTF8')), 'UTF8'),
    decode('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=', 'base64'), 'sha256'), 'base64') from net.http_request_queue), 'signed over its id, its time and the very bytes');
select queues.send_alerts(100);
select is((select count(*)::int from net.http_request_queue), 1, 'it is not called again while an answer may come');

select pg_temp.answer(500, 'overloaded'), queues.send_alerts(100);
select matches(pg_temp.reason(), 'webhook_refused HTTP 500: overloaded', 'a refusal is a failure');
select is((select vt > clock_timestamp() + interval '10 seconds' from pgmq.q_alerts), true, 'it is tried again later');
select pg_temp.due(), queues.send_alerts(100), pg_temp.answer(204), queues.send_alerts(100);
select is((select array_agg(message ->> 'id') from pgmq.a_alerts), '{a.raised}', 'an answer of success acknowledges it');

update queues.settings set max_retries = 0 where queue = 'alerts';
select operate('test_alert', '{}', false), queues.send_alerts(100), pg_temp.answer(null, null, 'no route to host'), queues.send_alerts(100);
select is((select array_agg(message ->> 'error') from pgmq.q_alerts_dlq), '{no route to host}', 'after its last retry it is a dead letter');
select operate('test_alert', '{}', false), queues.send_alerts(100);
update queues.alert_requests set requested_at = clock_timestamp() - interval '2 minutes';
select queues.send_alerts(100);
select is((select count(*)::int from pgmq.q_alerts_dlq), 2, 'so is one whose answer was lost');
select is(operator_page('alerts') -> 'webhook', '{"problem": null, "remedy": null}', 'the console says that it can be called');

select * from finish();
rollback;
