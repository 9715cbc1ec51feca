-- Errors that the API turns into an HTTP status: PostgREST answers SQLSTATE PTnnn with status nnn.

create function queues.reject(p_field text, p_problem text, p_hint text) returns void
language plpgsql
set search_path = ''
as $$
begin
  raise sqlstate 'PT422' using message = format('`%s` %s', p_field, p_problem), hint = p_hint;
end $$;
comment on function queues.reject(text, text, text) is 'Refuses malformed input, naming the field.';
revoke all on function queues.reject(text, text, text) from public;

create function queues.raise_conflict(p_queue text, p_action text) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- PostgREST repeats a transaction that ends in 40001 until it succeeds, for minutes, so that neither it nor its
  -- relatives may reach it. The caller decides when to try again.
  raise sqlstate 'PT409' using
    message = format('another transaction was in the way on queue `%s`: nothing was changed, %s again', p_queue, p_action),
    hint = 'the same call can be repeated at once';
end $$;
comment on function queues.raise_conflict(text, text) is
  'What a deadlock, a serialization failure or a lock timeout becomes on its way out.';
revoke all on function queues.raise_conflict(text, text) from public;
