-- Opinions: another service is asked about comments that were flagged for one signal alone, if the owner wants that. The call is
-- a message of its own queue. Until there is an opinion, and whenever there is none, a comment is flagged like any other. Its
-- author is told once, when its message ends: of the decision, or of the flag that stays.

create function queues.ask_for_opinions(p_comments public.comments[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_messages jsonb[] := array(
    select jsonb_build_object('v', 1, 'comment_id', c.id, 'revision', c.revision)
    from unnest(p_comments) c where c.status = 'flagged');
begin
  if cardinality(v_messages) > 0 then
    perform pgmq.send_batch('comment_opinions', v_messages);
    perform queues.wake('comment_opinions');
  end if;
end $$;
comment on function queues.ask_for_opinions(public.comments[]) is 'Sends flagged comments to the queue comment_opinions.';
revoke all on function queues.ask_for_opinions(public.comments[]) from public;

create function queues.opinion_context(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_settings queues.comment_settings;
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
begin
  select * into v_settings from queues.comment_settings;
  return jsonb_build_object(
    'settings', (
      select jsonb_build_object(
        'provider', v_settings.opinion_provider,
        'bounds', jsonb_build_object(
          'approve_below', v_settings.opinion_approve_below, 'reject_from', v_settings.opinion_reject_from),
        'max_age_secs', v_settings.opinion_max_age_secs,
        'breaker_failures', breaker_failures, 'breaker_base_secs', breaker_base_secs, 'breaker_cap_secs', breaker_cap_secs)
      from queues.notification_settings),
    'comments', (
      select coalesce(jsonb_object_agg(c.id, jsonb_build_object(
        'revision', c.revision,
        'body', c.body,
        'age_secs', greatest(0, extract(epoch from clock_timestamp() - c.decided_at))::integer,
        'author', jsonb_build_object('age_secs', null, 'offences', queues.offences_of(c.author_id, c.id)))), '{}')
      from public.comments c where c.id = any(v_ids) and c.status = 'flagged'),
    'breakers', queues.breakers_for(array_remove(array[v_settings.opinion_provider], null)));
end $$;
comment on function queues.opinion_context(jsonb) is
  'The claim hook of the queue comment_opinions: returns the settings, the comments that are still flagged, and the breaker of '
  'the provider. Accepts any message.';
revoke all on function queues.opinion_context(jsonb) from public;

create function queues.apply_comment_opinions(p_opinions jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_reasons constant integer := 8;
  v_told public.comments[];
begin
  perform queues.check_items('effects.comment_opinions', p_opinions, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$',
    'verdict', '^"(approved|flagged|rejected)"$',
    'reason', '^(\{|null$)',
    'hold_secs', '^\d{1,9}$',
    'provider', '^"(openai|http)"$',
    'opinion', '^\{'));

  perform from public.comments
  where id = any(array(select (o ->> 'comment_id')::uuid from jsonb_array_elements(p_opinions) o))
  order by id for no key update;

  with opinions as materialized (
    select distinct on (comment_id, revision) *
    from jsonb_to_recordset(p_opinions) as o (
      comment_id uuid, revision integer, verdict text, reason jsonb, hold_secs integer, provider text, opinion jsonb)
    order by comment_id, revision
  ), told as (
    -- Otherwise it was edited, deleted or decided by a moderator meanwhile.
    update public.comments c set
      opinion = o.opinion || jsonb_build_object('provider', o.provider, 'verdict', o.verdict, 'at', clock_timestamp()),
      status = o.verdict,
      decided_at = case o.verdict when 'flagged' then c.decided_at else clock_timestamp() end,
      reasons = case o.verdict
        when 'approved' then '[]'
        when 'flagged' then c.reasons
        else jsonb_path_query_array(c.reasons, format('$[0 to %s]', c_reasons - 2)::jsonpath)
          || jsonb_build_array(o.reason) end
    from opinions o
    where c.id = o.comment_id and c.revision = o.revision and c.status = 'flagged'
    returning c as comment, o.hold_secs
  ), held as (
    insert into queues.restrictions as r (profile_id, limited_until)
    select (t.comment).author_id, clock_timestamp() + make_interval(secs => max(t.hold_secs))
    from told t where t.hold_secs > 0 group by 1 order by 1
    on conflict (profile_id) do update set limited_until = greatest(r.limited_until, excluded.limited_until)
  )
  select array_agg(t.comment order by (t.comment).id) into v_told from told t;
  if v_told is null then
    return;
  end if;

  perform queues.log_moderation(c.status, c, null, null) from unnest(v_told) c where c.status <> 'flagged';
  perform queues.close_unneeded_reviews(array(select c.id from unnest(v_told) c where c.status <> 'flagged'));
  perform queues.tell_of(v_told, true);
end $$;
comment on function queues.apply_comment_opinions(jsonb) is
  'Stores what another service thinks of comments that are still flagged in the revision that it was asked about, and approves '
  'or rejects those of which it is sure.';
revoke all on function queues.apply_comment_opinions(jsonb) from public;

create function queues.tell_without_opinion(p_ids uuid[], p_revisions text[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.tell_of(array(
    select c from public.comments c
    where c.id = any(p_ids) and (c.id, c.revision::text) in (select * from unnest(p_ids, p_revisions))
      and c.status = 'flagged' and c.opinion is null
    order by c.id for no key update), true);
end $$;
comment on function queues.tell_without_opinion(uuid[], text[]) is
  'Tells the authors of comments that wait for an opinion, in the revision that was asked about, that they stay flagged.';
revoke all on function queues.tell_without_opinion(uuid[], text[]) from public;

create function queues.apply_unanswered_opinions(p_questions jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.check_items('effects.unanswered_opinions', p_questions, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$'));
  perform queues.tell_without_opinion(array_agg((q ->> 'comment_id')::uuid), array_agg(q ->> 'revision'))
  from jsonb_array_elements(p_questions) q;
end $$;
comment on function queues.apply_unanswered_opinions(jsonb) is
  'Ends the wait for opinions that nobody is asked for any more.';
revoke all on function queues.apply_unanswered_opinions(jsonb) from public;

create function queues.opinion_dead_letters(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.tell_without_opinion(
    array_agg((queues.named_profiles(jsonb_build_array(m), 'comment_id'))[1]), array_agg(m -> 'message' ->> 'revision'))
  from jsonb_array_elements(p_messages) m;
end $$;
comment on function queues.opinion_dead_letters(jsonb) is
  'The dead-letter hook of the queue comment_opinions: a service that cannot be asked ends the wait for its opinion.';
revoke all on function queues.opinion_dead_letters(jsonb) from public;
