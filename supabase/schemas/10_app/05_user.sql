-- Who calls.

create function queues.user_id() returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return auth.uid();
exception
  -- A token of a third party (Clerk, Firebase, Auth0), whose ids are no UUIDs.
  when invalid_text_representation then
    return null;
end $$;
comment on function queues.user_id() is
  'The id of the signed-in user. Null for others, and for users of a third party whose ids are not UUIDs.';
revoke all on function queues.user_id() from public;
grant execute on function queues.user_id() to anon, authenticated;

create function queues.signed_in() returns uuid
language plpgsql
stable
set search_path = ''
as $$
declare
  v_id uuid := queues.user_id();
begin
  if v_id is null then
    raise sqlstate 'PT403' using
      message = 'only signed-in people with a UUID as their id may do this',
      hint = 'sign in with Supabase Auth; people of a third party (Clerk, Firebase, Auth0) have ids that profiles cannot hold';
  end if;
  return v_id;
end $$;
comment on function queues.signed_in() is 'The id of the signed-in user. Raises PT403 if there is none.';
revoke all on function queues.signed_in() from public;
grant execute on function queues.signed_in() to authenticated;
