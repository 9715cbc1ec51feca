begin;
select plan(20);

insert into profiles (id, username) values ('00000000-0000-4000-8000-0000000000a3', 'olga'), ('00000000-0000-4000-8000-0000000000a4', 'otto');
insert into queues.operators (profile_id) select id from profiles;
create function pg_temp.sign_in(p_last text) returns void language sql as $$
  select set_config('request.jwt.claims', json_build_object('sub', '00000000-0000-4000-8000-0000000000' || p_last)::text, true)
$$;
select pg_temp.sign_in('a3');

create temp table bound as
select key as setting, value ->> 'type' as type, (value ->> 'nullable')::boolean as nullable,
  coalesce((value ->> 'min')::numeric, 0) as min, (value ->> 'max')::numeric as max
from jsonb_each(queues.setting_bounds());
select set_eq('select setting from bound', $$select column_name::text from information_schema.columns
  where table_schema = 'queues' and table_name = 'settings' and column_name not in ('queue', 'paused', 'function_name', 'claim_hook', 'dead_letter_hook')$$, 'every setting can be changed but names');
select is_empty($$select setting from bound where type = 'integer' and max is null$$, 'every number has a maximum');
select results_eq($$select min, max from bound where setting = 'batch_size'$$, 'values (1::numeric, 1000::numeric)', 'such as this');

-- Whether the table takes a value. Other settings are set so that rules about two of them do not matter.
create function pg_temp.is_taken(p_setting text, p_value numeric) returns boolean language plpgsql as $$
begin
  update queues.settings set backoff_base_secs = 1, backoff_cap_secs = 604800 where queue = 'analytics';
  execute format('update queues.settings set %I = %s where queue = ''analytics''', p_setting, coalesce(p_value::text, 'null'));
  return true;
exception when check_violation or not_null_violation then
  return false;
end $$;
select is_empty($$select setting from bound where type = 'integer' and not (pg_temp.is_taken(setting, min) and pg_temp.is_taken(setting, max))$$, 'the table takes what is within the bounds');
select is_empty($$select setting from bound where type = 'integer' and (pg_temp.is_taken(setting, min - 1) or pg_temp.is_taken(setting, max + 1))$$, 'and nothing beyond');
select is_empty($$select setting from bound where type = 'integer' and pg_temp.is_taken(setting, null) <> nullable$$, 'nor null where it needs a value');
select throws_ok(format($$select operate('change_settings', '{"queue": "analytics", "changes": {"%s": %s}}')$$, setting, max + 1), 'PT422', format('`changes.%s` is not between %s and %s', setting, min, max), 'a console is told the bounds')
from bound where setting = 'max_workers';
select throws_ok(format($$select operate('change_settings', '{"queue": "analytics", "changes": %s}')$$, changes), 'PT422', null, changes)
from unnest(array['{"max_workers": null}', '{"max_workers": "3"}', '{"max_workers": 1.5}', '{"wakes": 1}', '{"claim_hook": "x"}', '{"function_name": "x"}', '[]', '{"max_workers": -1}']) changes;

update queues.settings set backoff_base_secs = 10, backoff_cap_secs = 3600, max_workers = 4, max_retries = 3, retention_days = 90 where queue = 'analytics';
select throws_ok($$select operate('change_settings', '{"queue": "analytics", "changes": {"backoff_base_secs": 3601}}')$$, 'PT422', '`changes` break the rule `backoff_grows`', 'nor what does not belong together');
select is(operate('change_settings', '{"queue": "analytics", "changes": {"max_workers": 8, "retention_days": null, "max_retries": 3}, "expected": {"max_workers": 4}}', false) - '{action,dry_run}'::text[],
  '{"affected": 2, "before": {"max_workers": 4, "retention_days": 90}, "after": {"max_workers": 8, "retention_days": null}}', 'a change says what was before');
select throws_ok($$select operate('change_settings', '{"queue": "analytics", "changes": {"max_workers": 6}, "expected": {"max_workers": 4}}')$$, 'PT409', 'the settings of queue `analytics` were changed by somebody else meanwhile', 'nobody overwrites another''s change unseen');
select is(operate('change_settings', jsonb_build_object('queue', 'analytics', 'changes', (select result -> 'before' from queues.operator_log)), false) ->> 'affected', '2', 'what was before undoes it');
select is((select array[max_workers, retention_days] from queues.settings where queue = 'analytics'), '{4,90}', 'undone');

select * from finish();
rollback;
