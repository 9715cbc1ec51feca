-- Rate limits: how often an action is allowed, and what each caller has used up.

create table queues.rate_limits (
  action text primary key,
  per_minute integer not null,
  burst integer not null,
  address_factor integer not null default 10,
  enabled boolean not null default true,

  constraint action_is_a_name check (action ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint per_minute_is_in_bounds check (per_minute between 1 and 60000),
  constraint burst_is_in_bounds check (burst between 1 and 10000),
  constraint address_factor_is_in_bounds check (address_factor between 1 and 1000)
);
comment on table queues.rate_limits is 'How often each action is allowed. A change takes effect at once.';
comment on column queues.rate_limits.per_minute is 'How often a session, and a person, may act in the long run.';
comment on column queues.rate_limits.burst is 'How often one of them may act at once, after a pause.';
comment on column queues.rate_limits.address_factor is
  'How many times as often an address may act: many people may share one.';
comment on column queues.rate_limits.enabled is 'False to allow everything.';
revoke all on table queues.rate_limits from public, anon, authenticated, service_role;

create table queues.rate_limit_settings (
  is_only boolean primary key default true,
  address_header text,
  trusted_proxies integer not null default 0,
  exempt_addresses inet[] not null default '{}',
  key_seed bigint not null,

  constraint there_is_one_row check (is_only),
  constraint header_is_in_lower_case check (address_header ~ '^[a-z][a-z0-9-]{0,62}$'),
  constraint proxies_are_in_bounds check (trusted_proxies between 0 and 10),
  constraint proxies_are_for_a_list check ((trusted_proxies > 0) = coalesce(address_header = 'x-forwarded-for', false))
);
comment on table queues.rate_limit_settings is 'Whose address is limited. One row; a change takes effect at once.';
comment on column queues.rate_limit_settings.address_header is
  'The request header that holds the address of the client, set by the platform: cf-connecting-ip, or x-forwarded-for. '
  'Null: addresses are not limited. A header that clients can set themselves must not be named.';
comment on column queues.rate_limit_settings.trusted_proxies is
  'For x-forwarded-for: how many proxies append to it. The address is that many elements from the end; what is before '
  'was sent by the client.';
comment on column queues.rate_limit_settings.exempt_addresses is
  'Addresses and networks that are not limited, such as a server that calls for everyone. Private ones never are.';
comment on column queues.rate_limit_settings.key_seed is 'Random, so that nobody can choose a value with another''s key.';
revoke all on table queues.rate_limit_settings from public, anon, authenticated, service_role;

-- Updated in place: no index but the key, and room in each page. After a crash, limits begin anew.
create unlogged table queues.rate_limit_keys (
  key bigint primary key,
  free_at timestamptz not null,
  action text not null,
  kind text not null,
  calls bigint not null default 0
) with (fillfactor = 70);
comment on table queues.rate_limit_keys is
  'Who has acted of late. A row without effect (free_at is past) is removed by housekeeping.';
comment on column queues.rate_limit_keys.key is 'A hash of the action and of the session, person or address.';
comment on column queues.rate_limit_keys.free_at is
  'When all that was used is free again: the theoretical arrival time of GCRA (ITU-T I.371, annex A).';
comment on column queues.rate_limit_keys.kind is 'session, person or address.';
comment on column queues.rate_limit_keys.calls is 'The calls that were allowed since the row was made, at most a day or so ago.';
revoke all on table queues.rate_limit_keys from public, anon, authenticated, service_role;

create function queues.prune_rate_limit_keys(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_removed integer;
begin
  delete from queues.rate_limit_keys where key = any(array(
    select key from queues.rate_limit_keys where free_at < clock_timestamp() limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_rate_limit_keys(integer) is 'Removes keys that limit nobody.';
revoke all on function queues.prune_rate_limit_keys(integer) from public;
