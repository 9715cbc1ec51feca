-- Calling the webhook. By SQL and pg_net alone, without a worker: an alert must get out when no function can run. The messages
-- are claimed and settled like all others.

create table queues.alert_requests (
  msg_id bigint primary key,
  read_ct integer not null,
  failures integer not null,
  request_id bigint not null,
  requested_at timestamptz not null default clock_timestamp()
);
comment on table queues.alert_requests is 'Requests to the webhook that are not settled yet. They hold the lease of their message.';
comment on column queues.alert_requests.request_id is 'The id in pg_net, which counts from 1 again after a crash of the database.';
revoke all on table queues.alert_requests from public, anon, authenticated, service_role;

create function queues.settle_alert(p_msg_id bigint, p_read_ct integer, p_failures integer, p_code text, p_error text) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_queue constant text := 'alerts';
  v_settings queues.settings := queues.settings_of(c_queue);
  v_failed jsonb := jsonb_build_object('msg_id', p_msg_id, 'read_ct', p_read_ct, 'code', p_code, 'error', left(p_error, 500));
begin
  delete from queues.alert_requests where msg_id = p_msg_id and read_ct = p_read_ct;
  -- A lease that was lost is another's to settle.
  perform queues.settle_messages(c_queue, case
    when p_code is null then jsonb_build_object('acks', jsonb_build_array(jsonb_build_array(p_msg_id, p_read_ct)))
    when p_failures >= v_settings.max_retries then jsonb_build_object('dead_letters', jsonb_build_array(v_failed))
    else jsonb_build_object('retries', jsonb_build_array(v_failed || jsonb_build_object('delay_secs', least(
      v_settings.backoff_cap_secs, v_settings.backoff_base_secs * 2 ^ least(p_failures, 20))::integer))) end);
end $$;
comment on function queues.settle_alert(bigint, integer, integer, text, text) is
  'Acknowledges an alert, or retries it with a delay that doubles, or dead-letters it after its last retry.';
revoke all on function queues.settle_alert(bigint, integer, integer, text, text) from public;

create function queues.post_alert(p_message jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_timeout_ms constant integer := 10000;
  v_body jsonb := p_message -> 'message';
  v_at text := extract(epoch from clock_timestamp())::bigint::text;
  v_access record;
  v_request_id bigint;
begin
  select * into v_access from queues.alert_access();
  if v_access.problem is null then
    begin
      v_request_id := net.http_post(
        url => v_access.url,
        -- pg_net sends the text of this value, which is what is signed.
        body => v_body,
        headers => jsonb_build_object(
          'Content-Type', 'application/json', 'webhook-id', v_body ->> 'id', 'webhook-timestamp', v_at,
          'webhook-signature', 'v1,' || translate(encode(queues.hmac_sha256(
            format('%s.%s.%s', v_body ->> 'id', v_at, v_body), v_access.key), 'base64'), E'\n', '')),
        timeout_milliseconds => c_timeout_ms);
    exception
      when others then
        v_access.problem := format('pg_net refused the call (%s)', sqlerrm);
        v_access.remedy := 'check queues.alert_settings.webhook_url';
    end;
  end if;
  if v_access.problem is not null then
    perform queues.settle_alert((p_message ->> 'msg_id')::bigint, (p_message ->> 'read_ct')::integer,
      (p_message ->> 'failures')::integer, 'webhook_not_called', format('%s: %s', v_access.problem, v_access.remedy));
    return;
  end if;
  insert into queues.alert_requests (msg_id, read_ct, failures, request_id)
  values ((p_message ->> 'msg_id')::bigint, (p_message ->> 'read_ct')::integer, (p_message ->> 'failures')::integer, v_request_id)
  on conflict (msg_id) do update set
    read_ct = excluded.read_ct, failures = excluded.failures, request_id = excluded.request_id, requested_at = excluded.requested_at;
end $$;
comment on function queues.post_alert(jsonb) is
  'Calls the webhook with a claimed alert, signed as Standard Webhooks 1.0 says: webhook-id, webhook-timestamp, '
  'webhook-signature.';
revoke all on function queues.post_alert(jsonb) from public;

create function queues.settle_alerts() returns void
language plpgsql
set search_path = ''
-- Whatever the statistics say, never scan the responses of the whole project.
set enable_seqscan = off
as $$
declare
  -- As in queues.open_calls and queues.reconcile_calls.
  c_begun_earlier constant interval := interval '1 second';
  c_lost_after constant interval := interval '1 minute';
  v_since timestamptz := (select min(requested_at) - c_begun_earlier from queues.alert_requests);
  v_request queues.alert_requests;
  v_answer record;
begin
  for v_request in select * from queues.alert_requests order by requested_at loop
    select r.status_code, r.timed_out, coalesce(r.error_msg, left(r.content, 200)) as text into v_answer
    from net._http_response r
    where r.created >= greatest(v_since, v_request.requested_at - c_begun_earlier) and r.id = v_request.request_id
    limit 1;
    if found then
      perform queues.settle_alert(v_request.msg_id, v_request.read_ct, v_request.failures,
        case when v_answer.status_code between 200 and 299 then null when v_answer.status_code is not null then 'webhook_refused'
          else 'webhook_unreachable' end,
        concat_ws(': ', 'HTTP ' || v_answer.status_code, case when v_answer.timed_out then 'no answer in time' end, v_answer.text));
    elsif v_request.requested_at not between clock_timestamp() - c_lost_after and clock_timestamp() + c_lost_after then
      perform queues.settle_alert(v_request.msg_id, v_request.read_ct, v_request.failures, 'webhook_unreachable',
        'pg_net has lost the call, as it does when the database crashes');
    end if;
  end loop;
exception
  when undefined_table or invalid_schema_name then
    -- Without pg_net there is no answer: the leases end, and queues.alert_access says why nothing is sent.
    delete from queues.alert_requests;
end $$;
comment on function queues.settle_alerts() is 'Settles the alerts whose webhook has answered, or never will.';
revoke all on function queues.settle_alerts() from public;

create function queues.send_alerts(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_queue constant text := 'alerts';
  c_at_once constant integer := 20;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('queues.send_alerts', 0))
    or queues.missing_tables(c_queue) is not null then
    return 0;
  end if;
  perform queues.settle_alerts();
  perform queues.post_alert(m)
  from jsonb_array_elements(queues.claim_messages(c_queue, least(p_limit, c_at_once), null, false, false)::jsonb -> 'messages') m;
  return 0;
end $$;
comment on function queues.send_alerts(integer) is
  'A step of the queue of alerts: settles what the webhook has answered, and calls it for what waits.';
revoke all on function queues.send_alerts(integer) from public;
