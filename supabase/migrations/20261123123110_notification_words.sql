-- What a notification says, from the core's phrases.

create function queues.display_name(p_username text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- Neither control characters nor what turns the direction of the words around it.
  return nullif(btrim(left(regexp_replace(
    p_username, '[\u0001-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]', '', 'g'), 40)), '');
end $$;
comment on function queues.display_name(text) is
  'A name as it is told: at most 40 characters that can be seen; null for none.';
revoke all on function queues.display_name(text) from public;

create function queues.phrase(p_bodies text[], p_actors integer, p_name text) returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- The name last: what is in it is not looked at any more.
  return replace(
    replace(p_bodies[least(p_actors, cardinality(p_bodies))], '{others}', (p_actors - 1)::text), '{name}', coalesce(p_name, ''));
end $$;
comment on function queues.phrase(text[], integer, text) is
  'The phrase for so many actors, the last one for more: with the name of the latest, and the number of the others.';
revoke all on function queues.phrase(text[], integer, text) from public;
