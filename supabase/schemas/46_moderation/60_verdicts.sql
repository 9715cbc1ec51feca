-- The effect `comment_verdicts`: what the machine decided.

create function queues.apply_comment_verdicts(p_verdicts jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_decided public.comments[];
  v_asked public.comments[];
  v_final public.comments[];
begin
  perform queues.check_items('effects.comment_verdicts', p_verdicts, jsonb_build_object(
    'comment_id', '^"[0-9a-f-]{36}"$',
    'revision', '^[1-9]\d{0,8}$',
    'verdict', '^"(approved|flagged|rejected)"$',
    'reasons', '^\[',
    'scores', '^\{',
    'language', '^"',
    'model', '^"',
    'simhash', '^("|null$)',
    'hold_secs', '^\d{1,9}$',
    'asks', '^(true|false)$'));

  perform from public.comments
  where id = any(array(select (v ->> 'comment_id')::uuid from jsonb_array_elements(p_verdicts) v))
  order by id for no key update;

  with verdicts as materialized (
    select distinct on (comment_id, revision) *
    from jsonb_to_recordset(p_verdicts) as v (
      comment_id uuid, revision integer, verdict text, reasons jsonb, scores jsonb, language text, model text, simhash text,
      hold_secs integer, asks boolean)
    order by comment_id, revision
  ), decided as (
    -- Otherwise it was edited, decided or deleted meanwhile.
    update public.comments c set
      status = v.verdict, decided_at = clock_timestamp(), decided_by = null, reasons = v.reasons, scores = v.scores,
      language = v.language, model = v.model
    from verdicts v
    where c.id = v.comment_id and c.revision = v.revision and c.status = 'pending'
    returning c as comment, v.simhash, v.hold_secs, v.asks
  ), remembered as (
    insert into queues.comment_simhashes as s (comment_id, simhash, author_id)
    select (d.comment).id, d.simhash, (d.comment).author_id from decided d where d.simhash is not null
    order by 1
    on conflict (comment_id) do update set simhash = excluded.simhash, at = excluded.at
  ), held as (
    insert into queues.restrictions as r (profile_id, limited_until)
    select (d.comment).author_id, clock_timestamp() + make_interval(secs => max(d.hold_secs))
    from decided d where d.hold_secs > 0 group by 1 order by 1
    on conflict (profile_id) do update set limited_until = greatest(r.limited_until, excluded.limited_until)
  )
  select array_agg(d.comment order by (d.comment).id),
    array_agg(d.comment order by (d.comment).id) filter (where d.asks and (d.comment).status = 'flagged'),
    array_agg(d.comment order by (d.comment).id) filter (where not d.asks or (d.comment).status <> 'flagged')
  into v_decided, v_asked, v_final from decided d;
  if v_decided is null then
    return;
  end if;

  perform queues.log_moderation(c.status, c, null, null) from unnest(v_decided) c;
  perform queues.open_review(c.id, null) from unnest(v_decided) c where c.status = 'flagged';
  perform queues.close_unneeded_reviews(array(select c.id from unnest(v_decided) c where c.status <> 'flagged'));
  perform queues.ask_for_opinions(v_asked);
  perform queues.tell_of(v_asked, false);
  perform queues.tell_of(v_final, true);
end $$;
comment on function queues.apply_comment_verdicts(jsonb) is
  'Decides comments that are still pending in the revision that was judged, remembers what they looked like, holds back '
  'repeat offenders, asks moderators about what was flagged, and perhaps another service, and tells the people concerned.';
revoke all on function queues.apply_comment_verdicts(jsonb) from public;

create function queues.review_dead_letters(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
  v_flagged public.comments[];
begin
  perform from public.comments where id = any(v_ids) order by id for no key update;
  with flagged as (
    update public.comments c set status = 'flagged', decided_at = clock_timestamp()
    where c.id = any(v_ids) and c.status = 'pending'
    returning c as comment
  )
  select array_agg(f.comment order by (f.comment).id) into v_flagged from flagged f;
  if v_flagged is null then
    return;
  end if;
  perform queues.log_moderation('flagged', c, null, 'the machine could not judge it'), queues.open_review(c.id, null)
  from unnest(v_flagged) c;
  perform queues.tell_of(v_flagged, true);
end $$;
comment on function queues.review_dead_letters(jsonb) is
  'The dead-letter hook of the queue comment_moderation: a moderator decides about comments that the machine cannot judge.';
revoke all on function queues.review_dead_letters(jsonb) from public;
