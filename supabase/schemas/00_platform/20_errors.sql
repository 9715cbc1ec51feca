-- Errors with an HTTP status: PostgREST turns SQLSTATE PTnnn into status nnn.

create function queues.reject(p_field text, p_problem text, p_hint text) returns void
language plpgsql
set search_path = ''
as $$
begin
  raise sqlstate 'PT422' using message = format('`%s` %s', p_field, p_problem), hint = p_hint;
end $$;
comment on function queues.reject(text, text, text) is 'Rejects invalid input with an error that names the field.';
revoke all on function queues.reject(text, text, text) from public;

create function queues.raise_conflict(p_queue text, p_action text) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- PostgREST retries a transaction that ends in 40001, for minutes. Class 40 must not reach it: the caller decides when
  -- to try again.
  raise sqlstate 'PT409' using
    message = format('queue `%s` is locked by another transaction: nothing was changed, %s again', p_queue, p_action),
    hint = 'repeat the same call, at once if you like';
end $$;
comment on function queues.raise_conflict(text, text) is
  'Turns a deadlock, a serialization failure or a lock timeout into an error that a client may retry.';
revoke all on function queues.raise_conflict(text, text) from public;

create function queues.raise_gone(p_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- A class of its own: it never leaves queues.settle_messages.
  raise sqlstate 'QGONE' using
    message = format('of the accounts, %s no longer exist', cardinality(p_ids)),
    detail = to_json(p_ids)::text;
end $$;
comment on function queues.raise_gone(uuid[]) is
  'For an effect whose rows need what was deleted since their messages were claimed: settle_messages answers with the ids, '
  'and the worker drops the messages.';
revoke all on function queues.raise_gone(uuid[]) from public;
