-- Whom to tell when a queue is in trouble, and when.

create table queues.alert_settings (
  is_only boolean primary key default true,
  webhook_url text,
  failing_secs integer not null default 60,
  late_secs integer not null default 300,
  over_secs integer not null default 60,

  constraint there_is_one_row check (is_only),
  constraint webhook_url_is_a_web_address check (webhook_url ~* '^https?://[^[:cntrl:][:space:]]+$' and length(webhook_url) <= 2000),
  constraint failing_is_at_most_a_day check (failing_secs between 0 and 86400),
  constraint late_is_at_most_a_day check (late_secs between 0 and 86400),
  constraint over_is_at_most_a_day check (over_secs between 0 and 86400)
);
comment on table queues.alert_settings is 'When a webhook is called. One row; a change takes effect at once.';
comment on column queues.alert_settings.webhook_url is
  'Where alerts are sent, signed with the secret `queues_alert_secret` of Vault; null to send none. They are recorded all the same.';
comment on column queues.alert_settings.failing_secs is 'For how long a queue must be failing.';
comment on column queues.alert_settings.late_secs is 'For how long a queue must be late.';
comment on column queues.alert_settings.over_secs is 'For how long a queue must be ok again, so that one that is ok now and then is one alert.';
revoke all on table queues.alert_settings from public, anon, authenticated, service_role;

create function queues.alert_access(out url text, out key bytea, out problem text, out remedy text)
language plpgsql
stable
set search_path = ''
as $$
declare
  c_secret constant text := 'queues_alert_secret';
  v_secret record;
begin
  url := (select s.webhook_url from queues.alert_settings s);
  select p.problem, p.remedy into problem, remedy from queues.pg_net_problem() p;
  if url is null then
    problem := 'no webhook is set';
    remedy := 'update queues.alert_settings set webhook_url = ''https://…''';
  end if;
  if problem is not null then
    return;
  end if;
  select * into v_secret from queues.read_secret(c_secret);
  problem := v_secret.problem;
  remedy := v_secret.remedy;
  -- As Standard Webhooks writes secrets: whsec_ and base64.
  if v_secret.secret ~ '^whsec_[A-Za-z0-9+/]{32,100}={0,2}$' and (length(v_secret.secret) - 6) % 4 = 0 then
    key := decode(substr(v_secret.secret, 7), 'base64');
  elsif problem is null then
    problem := format('the secret `%s` is not whsec_ followed by base64', c_secret);
    -- Of two UUIDs, which need no extension.
    remedy := format('select vault.update_secret((select id from vault.secrets where name = %L), ''whsec_'' || '
      'encode(decode(replace(concat(gen_random_uuid(), gen_random_uuid()), ''-'', ''''), ''hex''), ''base64''))', c_secret);
  end if;
end $$;
comment on function queues.alert_access() is
  'The URL of the webhook and the key that signs; or why none can be called, and what to do about it.';
revoke all on function queues.alert_access() from public;
