-- The text of a notification, made from the phrases of the core.

create function queues.display_name(p_username text) returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Control characters, those that change the direction of the text around them, and invisible ones such as fillers.
  c_out constant text := '[\u0001-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f'
    '\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a'
    '\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]';
  c_space constant text := '[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]+';
  -- Joiners, variation selectors and tags: part of emoji and some scripts, meaningless without a character before them.
  c_after constant text := '\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef';
  -- Bounds the work for absurdly long names.
  c_looked_at constant integer := 1000;
  v_name text := left(p_username, c_looked_at);
begin
  v_name := regexp_replace(regexp_replace(v_name, c_out, '', 'g'), c_space, ' ', 'g');
  v_name := left(regexp_replace(v_name, format('^[ %s]+', c_after), ''), 40);
  return nullif(regexp_replace(v_name, '[ \u200c\u200d]+$', ''), '');
end $$;
comment on function queues.display_name(text) is
  'A name as notifications show it: at most 40 characters, without invisible ones except within emoji and words; null '
  'if nothing visible is left.';
revoke all on function queues.display_name(text) from public;

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
