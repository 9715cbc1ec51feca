-- Settling, with messages put off and with the effects of deliveries.

create or replace function queues.settle_messages(p_queue text, p_settlement jsonb) returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_settings queues.settings := queues.settings_of(p_queue);
  v_run uuid;
  v_seq bigint;
  v_effects jsonb;
  v_acks bigint[];
  v_lost bigint[];
  v_counts queues.settlements;
begin
  perform queues.check_settlement(p_settlement);
  v_run := (p_settlement ->> 'run_id')::uuid;
  v_seq := (p_settlement ->> 'seq')::bigint;
  v_effects := p_settlement -> 'effects';

  if v_run is not null and queues.touch_run(v_run, p_queue) >= v_seq then
    return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue));
  end if;

  v_lost := queues.lost_leases(p_queue, p_settlement);
  if v_lost <> '{}' then
    update queues.runs set lost = lost + cardinality(v_lost) where id = v_run;
    insert into queues.settlements (queue, lost) values (p_queue, cardinality(v_lost));
    return jsonb_build_object('applied', false, 'lost', v_lost, 'backlog', queues.backlog(p_queue));
  end if;

  perform queues.enqueue(v_effects -> 'enqueue') where v_effects ? 'enqueue';
  perform queues.insert_analytics_events(v_effects -> 'analytics_events') where v_effects ? 'analytics_events';
  perform queues.notify(v_effects -> 'notifications') where v_effects ? 'notifications';
  perform queues.record_deliveries(v_effects -> 'deliveries') where v_effects ? 'deliveries';
  perform queues.remove_gone_devices(v_effects -> 'gone_devices') where v_effects ? 'gone_devices';

  v_acks := array(select (lease ->> 0)::bigint from jsonb_array_elements(p_settlement -> 'acks') lease);
  perform queues.acknowledge(v_settings, v_acks) where v_acks <> '{}';
  perform queues.retry(p_queue, p_settlement -> 'retries') where p_settlement ? 'retries';
  perform queues.defer(p_queue, p_settlement -> 'deferrals') where p_settlement ? 'deferrals';
  perform queues.release(p_queue, p_settlement -> 'releases') where p_settlement ? 'releases';
  perform queues.dead_letter(p_queue, p_settlement -> 'dead_letters', p_was_tried => true) where p_settlement ? 'dead_letters';

  insert into queues.settlements as s (queue, processed, retried, deferred, dead_lettered, released, last_failure)
  values (
    p_queue,
    cardinality(v_acks),
    coalesce(jsonb_array_length(p_settlement -> 'retries'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'deferrals'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'dead_letters'), 0),
    coalesce(jsonb_array_length(p_settlement -> 'releases'), 0),
    (select queues.failure(f ->> 'code', f ->> 'error')
     from coalesce(p_settlement #> '{dead_letters,-1}', p_settlement #> '{retries,-1}') f where f is not null))
  returning s.* into v_counts;

  update queues.runs set
    processed = processed + v_counts.processed,
    retried = retried + v_counts.retried,
    deferred = deferred + v_counts.deferred,
    released = released + v_counts.released,
    dead_lettered = dead_lettered + v_counts.dead_lettered,
    settled_seq = v_seq,
    stopped_because = p_settlement ->> 'stopped_because',
    finished_at = case when p_settlement ->> 'stopped_because' is not null then clock_timestamp() end
  where id = v_run;

  -- Last, because other settlements wait for these rows until this one commits.
  perform queues.update_breakers(v_effects -> 'breakers') where v_effects ? 'breakers';
  perform queues.count_trending(v_effects -> 'trending') where v_effects ? 'trending';
  perform queues.count_analytics_daily(v_effects -> 'analytics_daily') where v_effects ? 'analytics_daily';

  return jsonb_build_object('applied', true, 'lost', '[]'::jsonb, 'backlog', queues.backlog(p_queue));
exception
  when serialization_failure or deadlock_detected or lock_not_available then
    perform queues.raise_conflict(p_queue, 'settle');
    return null;
end $$;

comment on function public.settle_messages(text, jsonb) is
  'Settles claimed messages: acks, retries, deferrals, releases, dead_letters and effects together or not at all. '
  'Answers {applied, lost, backlog}: where a lease is lost nothing is applied, and the lost ids say what to leave out. '
  'A settlement repeated under the same run_id and seq has no further effect.';
