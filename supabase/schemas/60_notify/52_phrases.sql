-- The text of a notification, made from the phrases of the core.

create function queues.phrase(p_bodies text[], p_actors integer, p_name text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- The name last, so that nothing in it is replaced.
  return replace(
    replace(p_bodies[least(p_actors, cardinality(p_bodies))], '{others}', (p_actors - 1)::text), '{name}', coalesce(p_name, ''));
end $$;
comment on function queues.phrase(text[], integer, text) is
  'The phrase for a number of actors (the last phrase for more), with the name of the latest actor and the number of '
  'others.';
revoke all on function queues.phrase(text[], integer, text) from public;
