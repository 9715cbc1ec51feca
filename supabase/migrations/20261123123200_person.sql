create function queues.person() returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_profile_id uuid := (select id from public.profiles where id = (select auth.uid()));
begin
  if v_profile_id is null then
    raise sqlstate 'PT403' using
      message = 'only people with a profile may do this', hint = 'sign in, and store a row in profiles whose id is yours';
  end if;
  return v_profile_id;
end $$;
comment on function queues.person() is 'The profile of the caller; to have none is an error of its own.';
revoke all on function queues.person() from public;
