-- Texts with a number.

create function queues.one_or_many(p_count bigint, p_one text, p_many text, variadic p_more text[] default '{}') returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return format(case when p_count = 1 then p_one else p_many end, variadic p_count::text || p_more);
end $$;
comment on function queues.one_or_many(bigint, text, text, text[]) is
  'A text for one or for many, formatted with the count and what comes after it.';
revoke all on function queues.one_or_many(bigint, text, text, text[]) from public;
