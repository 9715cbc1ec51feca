-- What a comment may contain. Its meaning is for moderation: here only what cannot be stored or seen is refused.

create function queues.body_problem(p_body text) returns text
language plpgsql
immutable
set search_path = ''
as $$
declare
  c_chars constant integer := 2000;
  -- UTF-8 takes up to four bytes for one. Measured first, so that a huge text is not counted or searched.
  c_bytes constant integer := 4 * c_chars;
  -- A character that is not a space, a control or another one that shows nothing: soft hyphen, joiners, fillers, marks of
  -- direction, variation selectors, tags. Listed, because what counts as a space depends on the locale.
  c_visible constant text := '[^\u0001-\u0020\u007F-\u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F'
    '\u2000-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]';
begin
  if p_body is null or octet_length(p_body) > c_bytes or length(p_body) > c_chars or p_body !~ c_visible then
    return format('The comment must have 1 to %s characters, and one that can be seen.', c_chars);
  end if;
  return null;
end $$;
comment on function queues.body_problem(text) is
  'What is wrong with the text of a comment; null if nothing is. Text in any language, with any markup, is accepted: it '
  'is stored and returned as it is.';
revoke all on function queues.body_problem(text) from public;
