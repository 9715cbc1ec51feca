-- Likes over their limit that are kept, to be applied once the limit allows. The message in the queue deferred_actions only
-- says whose likes are due. It exists as long as the owner has an open like, and there is one per owner: whoever has many
-- likes waits behind nobody but themselves.

create table queues.deferred_likes (
  id uuid primary key default gen_random_uuid(),
  owner text not null,
  post_id uuid not null,
  session_id text not null,
  profile_id uuid references public.profiles (id) on delete cascade,
  address_key bigint,
  is_liked boolean not null,
  revision integer not null default 1,
  is_superseded boolean not null default false,
  apply_after timestamptz not null,
  kept_at timestamptz not null default clock_timestamp(),
  outcome text,
  reason text,
  settled_at timestamptz,
  correlation_id text,

  constraint outcome_is_known check (outcome in ('applied', 'dropped')),
  constraint a_dropped_like_has_its_reason check ((outcome is not distinct from 'dropped') = (reason is not null)),
  constraint reason_is_short check (length(reason) <= 500),
  constraint a_settled_like_has_its_time check ((outcome is null) = (settled_at is null))
);
create unique index deferred_likes_open_idx on queues.deferred_likes (owner, post_id) where outcome is null;
create index deferred_likes_order_idx on queues.deferred_likes (owner, apply_after) where outcome is null;
create index deferred_likes_address_idx on queues.deferred_likes (address_key) where outcome is null;
create index deferred_likes_profile_idx on queues.deferred_likes (profile_id) where profile_id is not null;
create index deferred_likes_kept_at_idx on queues.deferred_likes (kept_at);
comment on table queues.deferred_likes is
  'Likes that were over their limit, and what became of them. Open until they have an outcome; housekeeping removes them '
  'after a week.';
comment on column queues.deferred_likes.owner is 'The person, else the session: person:<id> or session:<id>.';
comment on column queues.deferred_likes.post_id is 'No foreign key: a like of a post that is gone is dropped with that reason.';
comment on column queues.deferred_likes.address_key is 'Of the address that asked, in queues.rate_limit_keys.';
comment on column queues.deferred_likes.is_liked is 'Whether the owner wants to like the post. The last wish counts.';
comment on column queues.deferred_likes.revision is
  'Counts the wishes. A decision about an earlier one changes nothing.';
comment on column queues.deferred_likes.is_superseded is 'The owner has toggled the like since, so it is to be dropped.';
comment on column queues.deferred_likes.apply_after is
  'When its limits allow it, as far as that is known; also the order in which an owner''s likes are applied.';
comment on column queues.deferred_likes.reason is 'Why it was dropped.';
comment on column queues.deferred_likes.correlation_id is 'The id of the request with the last wish, which its event gets.';
revoke all on table queues.deferred_likes from public, anon, authenticated, service_role;

create function queues.like_owners(p_session_id text, p_profile_id uuid) returns text[]
language plpgsql
immutable
set search_path = ''
as $$
begin
  return array_remove(array['person:' || p_profile_id, 'session:' || p_session_id], null);
end $$;
comment on function queues.like_owners(text, uuid) is
  'Whose deferred likes a caller may change. The first one owns what the caller defers.';
revoke all on function queues.like_owners(text, uuid) from public;

create function queues.lock_like_owners(p_owners text[], p_address_keys bigint[] default '{}') returns void
language plpgsql
set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(key)
  from (
    select hashtextextended('queues.deferred_likes', 0) # hashtextextended(owner, 0) as key from unnest(p_owners) owner
    union
    select hashtextextended('queues.deferred_likes', 0) # address_key from unnest(p_address_keys) address_key
    order by key
  ) keys
  where key is not null;
end $$;
comment on function queues.lock_like_owners(text[], bigint[]) is
  'Waits until nobody else adds or settles deferred likes of these owners and addresses. Lock posts and rate limits before.';
revoke all on function queues.lock_like_owners(text[], bigint[]) from public;

create function queues.wake_deferred_likes(p_owners text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  c_max_delay_secs constant integer := 86400;
begin
  perform pgmq.send('deferred_actions', jsonb_build_object('v', 1, 'action', 'like', 'owner', due.owner),
    least(c_max_delay_secs, greatest(0, ceil(extract(epoch from due.at - clock_timestamp()))))::integer)
  from (
    select d.owner, min(d.apply_after) as at from queues.deferred_likes d
    where d.owner = any(p_owners) and d.outcome is null
    group by d.owner
    order by d.owner
  ) due;
end $$;
comment on function queues.wake_deferred_likes(text[]) is
  'Sends for each owner with open likes the message that becomes visible when the first of them may be applied.';
revoke all on function queues.wake_deferred_likes(text[]) from public;

create function queues.supersede_likes(p_post_id uuid, p_owners text[]) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_is_liked boolean;
begin
  with open as materialized (
    select id, owner, is_liked from queues.deferred_likes
    where owner = any(p_owners) and post_id = p_post_id and outcome is null and not is_superseded
    order by id
    for update
  ), superseded as (
    update queues.deferred_likes d set is_superseded = true, revision = revision + 1
    from open where d.id = open.id
  )
  select is_liked into v_is_liked from open order by array_position(p_owners, owner) limit 1;
  return v_is_liked;
end $$;
comment on function queues.supersede_likes(uuid, text[]) is
  'Marks open likes of a post as superseded. Returns what the caller was told last; null if none is open.';
revoke all on function queues.supersede_likes(uuid, text[]) from public;

create function queues.defer_like(p_post_id uuid, p_session_id text, p_profile_id uuid, p_wait interval) returns json
language plpgsql
set search_path = ''
as $$
declare
  c_max_open constant integer := 20;
  v_owners text[] := queues.like_owners(p_session_id, p_profile_id);
  v_owner text := v_owners[1];
  v_address_key bigint := queues.rate_limit_address_key('like');
  v_limit queues.rate_limits;
  v_step interval;
  v_before queues.deferred_likes;
  v_has_message boolean;
  v_is_liked boolean;
  v_apply_after timestamptz;
begin
  select * into v_limit from queues.rate_limits where action = 'like';
  v_step := interval '1 minute' / v_limit.per_minute;
  perform queues.lock_like_owners(v_owners, array[v_address_key]);
  v_has_message := exists (select from queues.deferred_likes where owner = v_owner and outcome is null);
  select * into v_before from queues.deferred_likes
  where owner = v_owner and post_id = p_post_id and outcome is null for update;

  if v_before.id is not null and not v_before.is_superseded then
    v_apply_after := v_before.apply_after;
  else
    if c_max_open <= (
        select count(*) from queues.deferred_likes where owner = v_owner and outcome is null and not is_superseded)
      or c_max_open * v_limit.address_factor <= (
        select count(*) from queues.deferred_likes
        where address_key = v_address_key and outcome is null and not is_superseded)
    then
      return null;
    end if;
    -- After the owner's earlier ones, at the pace of the limit.
    v_apply_after := greatest(
      clock_timestamp() + p_wait,
      (select max(apply_after) from queues.deferred_likes where owner = v_owner and outcome is null) + v_step);
  end if;

  v_is_liked := not coalesce(
    queues.supersede_likes(p_post_id, v_owners), queues.likes_post(p_post_id, p_session_id, p_profile_id));
  insert into queues.deferred_likes as d (
    owner, post_id, session_id, profile_id, address_key, is_liked, apply_after, correlation_id)
  values (
    v_owner, p_post_id, p_session_id, p_profile_id, v_address_key, v_is_liked, v_apply_after, queues.correlation_id())
  on conflict (owner, post_id) where outcome is null do update set
    session_id = excluded.session_id,
    address_key = excluded.address_key,
    is_liked = excluded.is_liked,
    is_superseded = false,
    correlation_id = excluded.correlation_id,
    apply_after = excluded.apply_after,
    revision = d.revision + 1;
  if not v_has_message then
    perform queues.wake_deferred_likes(array[v_owner]);
  end if;

  perform set_config('response.status', '202', true);
  return json_build_object('success', true, 'deferred', true, 'applyAfter', v_apply_after, 'isLiked', v_is_liked);
end $$;
comment on function queues.defer_like(uuid, text, uuid, interval) is
  'Keeps a like over its limit, the opposite of what the caller was told last, and answers 202. Returns null if too many '
  'are open.';
revoke all on function queues.defer_like(uuid, text, uuid, interval) from public;
