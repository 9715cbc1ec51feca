-- What a worker needs to know to judge comments.

create function queues.account_ages(p_profiles uuid[]) returns table (profile_id uuid, age_secs bigint)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
    select u.id, greatest(0, extract(epoch from clock_timestamp() - (to_jsonb(u) ->> 'created_at')::timestamptz))::bigint
    from auth.users u
    where u.id = any(p_profiles) and to_jsonb(u) ->> 'created_at' is not null;
exception
  when undefined_table or undefined_column or invalid_schema_name then
    return;
end $$;
comment on function queues.account_ages(uuid[]) is 'How old accounts are. Without Supabase Auth it is not known.';
revoke all on function queues.account_ages(uuid[]) from public;

create function queues.comment_context(p_messages jsonb) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  v_ids uuid[] := queues.named_profiles(p_messages, 'comment_id');
  v_authors uuid[] := array(select distinct author_id from public.comments where id = any(v_ids));
begin
  return jsonb_build_object(
    'settings', jsonb_build_object(
      'thresholds', (
        select coalesce(jsonb_object_agg(language, jsonb_build_object(
          'offence', jsonb_build_object('flag', offence_flag, 'reject', offence_reject),
          'spam', jsonb_build_object('flag', spam_flag, 'reject', spam_reject))), '{}')
        from queues.moderation_settings),
      'opinion', (
        select jsonb_build_object('provider', opinion_provider, 'from', opinion_from, 'to', opinion_to)
        from queues.comment_settings where opinion_provider is not null)),
    'comments', (
      select coalesce(jsonb_object_agg(c.id, jsonb_build_object(
        'revision', c.revision,
        'status', c.status,
        'body', c.body,
        'language', p.language,
        'author', jsonb_build_object(
          'id', c.author_id, 'age_secs', a.age_secs,
          'offences', case c.status when 'pending' then queues.offences_of(c.author_id, c.id) else 0 end))), '{}')
      from public.comments c
      join queues.recipients(v_authors) p on p.profile_id = c.author_id
      left join queues.account_ages(v_authors) a on a.profile_id = c.author_id
      where c.id = any(v_ids)),
    'recent', queues.recent_simhashes());
end $$;
comment on function queues.comment_context(jsonb) is
  'The claim hook of the queue comment_moderation: returns the thresholds, the comments that exist, and what recent '
  'comments looked like. Accepts any message.';
revoke all on function queues.comment_context(jsonb) from public;
