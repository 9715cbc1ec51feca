-- The queue deferred_actions: what its worker is told, and what it changes.

create function queues.deferred_action_context(p_messages jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- Of one owner. The message that follows has the rest.
  c_likes constant integer := 50;
  v_now timestamptz := clock_timestamp();
begin
  return jsonb_build_object('likes', (
    select coalesce(jsonb_object_agg(o.owner, o.likes), '{}')
    from (
      select named.owner, jsonb_agg(
        jsonb_build_object(
          'id', d.id,
          'revision', d.revision,
          'is_liked', d.is_liked,
          'is_superseded', d.is_superseded,
          'apply_after', d.apply_after,
          'free_at', v_now + case when d.wait > interval '0' then d.wait end,
          'post', case when d.has_post then jsonb_build_object(
            'is_liked', queues.likes_post(d.post_id, d.session_id, d.profile_id)) end)
        order by d.apply_after, d.kept_at, d.id) as likes
      from (select distinct m #>> '{message,owner}' as owner from jsonb_array_elements(p_messages) m) named
      cross join lateral (
        select l.*,
          queues.rate_limit_wait(queues.rate_limit_keys('like', l.session_id, l.profile_id, l.address_key)) as wait,
          exists (select from public.posts_new p where p.id = l.post_id) as has_post
        from queues.deferred_likes l
        where l.owner = named.owner and l.outcome is null
        order by l.apply_after, l.kept_at, l.id
        limit c_likes
      ) d
      group by named.owner
    ) o));
end $$;
comment on function queues.deferred_action_context(jsonb) is
  'The claim hook of the queue deferred_actions: the open likes of the owners that messages name, in their order. Accepts any '
  'message.';
revoke all on function queues.deferred_action_context(jsonb) from public;

create function queues.apply_deferred_like(p_like queues.deferred_likes) returns text
language plpgsql
set search_path = ''
as $$
begin
  -- In the name of the request that asked for it, also for triggers of the app. The error of a like undoes this, too.
  perform queues.set_correlation_id(p_like.correlation_id);
  perform queues.change_like(p_like.post_id, p_like.session_id, p_like.profile_id, p_like.is_liked);
  perform queues.set_correlation_id(null);
  return null;
exception
  -- The tables of the app, or its triggers, refuse it: that would be so at every try.
  when raise_exception or integrity_constraint_violation or data_exception then
    return left(format('rejected: %s (%s)', sqlerrm, sqlstate), 500);
end $$;
comment on function queues.apply_deferred_like(queues.deferred_likes) is
  'Applies a deferred like. Returns why it has to be dropped, null if it was applied.';
revoke all on function queues.apply_deferred_like(queues.deferred_likes) from public;

create function queues.settle_deferred_likes(p_rows jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_uuid constant text := '^"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"$';
  v_ids uuid[];
  v_applied uuid[];
  v_owners text[];
  v_late text[] := array[]::text[];
  v_row record;
  v_like queues.deferred_likes;
  v_wait interval;
  v_reason text;
begin
  perform queues.check_items('effects.deferred_likes', p_rows, jsonb_build_object(
    'id', c_uuid, 'revision', '^\d{1,9}$', 'decision', '^"(apply|drop|wait)"$', 'reason', '^$|^null$|^"[a-z_]{1,100}"$',
    'until', '^$|^null$|^"'));
  v_ids := array(select (r ->> 'id')::uuid from jsonb_array_elements(p_rows) r);
  v_applied := array(select (r ->> 'id')::uuid from jsonb_array_elements(p_rows) r where r ->> 'decision' = 'apply');
  v_owners := array(select distinct owner from queues.deferred_likes where id = any(v_ids));

  -- Locked in the order of a toggle: posts, limits, likes.
  perform from public.posts_new
  where id = any(array(select post_id from queues.deferred_likes where id = any(v_applied)))
  order by id for no key update;
  perform queues.lock_rate_limit_keys(array(
    select k from queues.deferred_likes d
    cross join unnest(queues.rate_limit_keys('like', d.session_id, d.profile_id, d.address_key)) k
    where d.id = any(v_applied)));
  perform queues.lock_like_owners(v_owners);
  perform from queues.deferred_likes where id = any(v_ids) order by id for update;

  for v_row in
    select d as "like", r.decision, r.reason, r.until
    from (
      -- Two messages of one owner bring the same decisions.
      select distinct on (id) * from jsonb_to_recordset(p_rows)
        r (id uuid, revision integer, decision text, reason text, until timestamptz)
      order by id, decision
    ) r
    join queues.deferred_likes d on d.id = r.id and d.revision = r.revision and d.outcome is null
    order by d.apply_after, d.kept_at, d.id
  loop
    v_like := v_row."like";
    v_reason := v_row.reason;
    if v_row.decision = 'wait' then
      update queues.deferred_likes set apply_after = greatest(apply_after, v_row.until) where id = v_like.id;
      continue;
    elsif v_row.decision = 'apply' then
      continue when v_like.owner = any(v_late);
      if not exists (select from public.posts_new where id = v_like.post_id) then
        v_reason := 'post_gone';
      elsif queues.likes_post(v_like.post_id, v_like.session_id, v_like.profile_id) = v_like.is_liked then
        v_reason := 'nothing_to_do';
      else
        v_wait := queues.charge(
          queues.rate_limit_keys('like', v_like.session_id, v_like.profile_id, v_like.address_key));
        if v_wait > interval '0' then
          -- Others used up the limit since the claim. Later likes of this owner stay behind this one.
          v_late := array_append(v_late, v_like.owner);
          update queues.deferred_likes set apply_after = greatest(apply_after, clock_timestamp() + v_wait)
          where owner = v_like.owner and outcome is null;
          continue;
        end if;
        v_reason := queues.apply_deferred_like(v_like);
      end if;
    end if;
    update queues.deferred_likes set
      outcome = case when v_row.decision = 'apply' and v_reason is null then 'applied' else 'dropped' end,
      reason = v_reason,
      settled_at = clock_timestamp()
    where id = v_like.id;
  end loop;
  perform queues.wake_deferred_likes(v_owners);
end $$;
comment on function queues.settle_deferred_likes(jsonb) is
  'The effect deferred_likes: applies likes, drops them with a reason, or lets them wait until a time, as decided for a '
  'revision [{id, revision, decision, reason, until}]. A like that has another revision by now, or whose limit is used up '
  'again, stays open. Sends the next message of each owner with open likes.';
revoke all on function queues.settle_deferred_likes(jsonb) from public;

create function queues.drop_likes_of_dead_letters(p_messages jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_owners text[] := array(select distinct m #>> '{message,owner}' from jsonb_array_elements(p_messages) m);
begin
  perform queues.lock_like_owners(v_owners);
  update queues.deferred_likes d set outcome = 'dropped', reason = m ->> 'code', settled_at = clock_timestamp()
  from jsonb_array_elements(p_messages) m
  where d.owner = m #>> '{message,owner}' and d.outcome is null;
end $$;
comment on function queues.drop_likes_of_dead_letters(jsonb) is
  'The dead-letter hook of the queue deferred_actions: without its message, nothing would settle the open likes of an owner.';
revoke all on function queues.drop_likes_of_dead_letters(jsonb) from public;

create function queues.prune_deferred_likes(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  c_kept constant interval := interval '7 days';
  v_old timestamptz := clock_timestamp() - c_kept;
  v_removed integer;
begin
  delete from queues.deferred_likes where id = any(array(
    select id from queues.deferred_likes where kept_at < v_old order by kept_at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_deferred_likes(integer) is
  'Removes likes that were kept a week ago, also open ones: nobody expects those any more.';
revoke all on function queues.prune_deferred_likes(integer) from public;
