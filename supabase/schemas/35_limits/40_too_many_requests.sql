-- The answer to a call over its limit.

create function queues.too_many_requests(p_wait interval) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_secs integer := greatest(1, ceil(extract(epoch from p_wait)))::integer;
begin
  -- PostgREST answers with these, and commits. An error with a status would have no header, or roll back.
  perform set_config('response.status', '429', true);
  perform set_config('response.headers', format('[{"Retry-After": "%s"}]', v_secs), true);
  return v_secs;
end $$;
comment on function queues.too_many_requests(interval) is
  'Makes the answer of this request HTTP 429 with Retry-After, and returns that, in seconds.';
revoke all on function queues.too_many_requests(interval) from public;
