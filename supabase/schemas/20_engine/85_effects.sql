-- What a settlement may change besides its messages. A feature adds its effects here; settle_messages knows none of them.

create table queues.effects (
  key text primary key,
  position integer not null,
  function text not null,

  constraint key_is_a_name check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint function_is_a_name check (function ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint effects_have_one_order unique (position)
);
comment on table queues.effects is 'The effects that a settlement may name. Only the owner adds rows.';
comment on column queues.effects.key is 'Its key under `effects` in a settlement.';
comment on column queues.effects.position is
  'Effects are applied in this order, which is therefore the order of their locks: two settlements cannot deadlock if '
  'every effect also locks its own rows in a fixed order. Rows that many settlements share come last.';
comment on column queues.effects.function is
  'A function (jsonb) returns void of schema queues. It checks and applies all rows of the effect.';
revoke all on table queues.effects from public, anon, authenticated, service_role;

create function queues.check_effect() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform queues.registered_function('effect', new.key, new.function);
  return new;
end $$;
comment on function queues.check_effect() is 'Rejects an effect whose function does not exist.';
revoke all on function queues.check_effect() from public;

create trigger check_effect before insert or update on queues.effects
  for each row execute function queues.check_effect();

create function queues.apply_effects(p_effects jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_effect queues.effects;
begin
  for v_effect in select * from queues.effects where p_effects ? key order by position loop
    execute format('select %s($1)', queues.registered_function('effect', v_effect.key, v_effect.function))
      using p_effects -> v_effect.key;
  end loop;
end $$;
comment on function queues.apply_effects(jsonb) is
  'Applies effects {key: rows}, each by its function, which rejects rows of a wrong shape and names the field. The '
  'table checks the values: an invalid row fails the settlement with the error of the table (SQLSTATE class 22 or 23), '
  'and the worker finds the message that caused it.';
revoke all on function queues.apply_effects(jsonb) from public;
