-- Who is told of a comment. The queue notifications does the rest: it knows who has blocked or muted whom.

create function queues.mentioned_people(p_body text) returns uuid[]
language plpgsql
stable
set search_path = ''
as $$
declare
  c_mentions constant integer := 10;
  -- The bound of the index on names.
  c_name_chars constant integer := 100;
begin
  return array(
    select (array_agg(p.id))[1]
    from (
      select distinct rtrim(lower(m.parts[1]), '.') as name
      from regexp_matches(p_body, '(?:^|[^[:alnum:]_.@])@([^[:space:]@,;:!?()<>"''/\\]{1,100})', 'g') m (parts)
      limit c_mentions
    ) mentions
    cross join lateral (
      -- A name that two people have names neither.
      select id from public.profiles where lower(left(username::text, c_name_chars)) = mentions.name limit 2
    ) p
    where mentions.name <> ''
    group by mentions.name
    having count(*) = 1
    order by mentions.name);
exception
  -- An app may rename it: nobody is mentioned then.
  when undefined_column then
    return array[]::uuid[];
end $$;
comment on function queues.mentioned_people(text) is
  'The people whom a text mentions as @username: the first ten names, as far as each belongs to one person.';
revoke all on function queues.mentioned_people(text) from public;

create function queues.audience_of(p_comment public.comments) returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('type', kind, 'recipient_id', recipient) order by kind, recipient), '[]')
    from (
      -- Once each: as who is answered, as the owner of the post, or as who is mentioned.
      select distinct on (recipient) recipient, kind
      from (
        select p_comment.reply_to as recipient, 'comment_reply' as kind, 1 as rank
        union all
        select owner_id, 'new_comment', 2 from queues.post_details(p_comment.post_id)
        union all
        select person, 'mention', 3 from unnest(queues.mentioned_people(p_comment.body)) person
      ) all_
      where recipient <> p_comment.author_id
      order by recipient, rank
    ) told);
end $$;
comment on function queues.audience_of(public.comments) is
  'Who is to be told of an approved comment, and as what: [{type, recipient_id}]. Never its author.';
revoke all on function queues.audience_of(public.comments) from public;

create function queues.comment_notifications(p_comment public.comments, p_told jsonb, p_withdrawn boolean) returns jsonb[]
language plpgsql
stable
set search_path = ''
as $$
begin
  return array(
    select t || jsonb_build_object(
      'v', 1,
      'post_id', p_comment.post_id,
      'post_caption', (select caption from queues.post_details(p_comment.post_id)),
      'comment_id', p_comment.id,
      'comment', p_comment.body,
      'actor_profile_id', p_comment.author_id,
      'withdrawn', p_withdrawn,
      'timestamp', clock_timestamp())
    from jsonb_array_elements(p_told) t);
end $$;
comment on function queues.comment_notifications(public.comments, jsonb, boolean) is
  'The messages that tell people of a comment, or take that back.';
revoke all on function queues.comment_notifications(public.comments, jsonb, boolean) from public;

create function queues.send_notifications(p_messages jsonb[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  if cardinality(p_messages) > 0 then
    perform pgmq.send_batch('notifications', p_messages);
    perform queues.wake('notifications');
  end if;
end $$;
comment on function queues.send_notifications(jsonb[]) is 'Sends messages to the queue notifications.';
revoke all on function queues.send_notifications(jsonb[]) from public;

create function queues.withdraw_comment(p_comment public.comments) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform queues.send_notifications(queues.comment_notifications(p_comment, p_comment.told, true));
end $$;
comment on function queues.withdraw_comment(public.comments) is
  'Takes back the unread notifications of a comment that is not visible any more.';
revoke all on function queues.withdraw_comment(public.comments) from public;

create function queues.tell_of(p_comments public.comments[], p_is_final boolean) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_tell_of_approval boolean := (select tell_of_approval from queues.comment_settings);
  v_comment public.comments;
  v_messages jsonb[] := array[]::jsonb[];
begin
  foreach v_comment in array coalesce(p_comments, '{}') loop
    if p_is_final and (v_tell_of_approval or v_comment.status <> 'approved') then
      v_messages := v_messages || jsonb_build_object(
        'v', 1, 'type', 'comment_moderated', 'recipient_id', v_comment.author_id, 'post_id', v_comment.post_id,
        'comment_id', v_comment.id, 'comment', v_comment.body, 'revision', v_comment.revision, 'decision', v_comment.status,
        'timestamp', clock_timestamp());
    end if;
    -- Others are told once, also of a comment that was edited; again only of one that was hidden meanwhile.
    if v_comment.status = 'approved' and v_comment.told is null then
      update public.comments set told = queues.audience_of(v_comment) where id = v_comment.id
      returning * into v_comment;
      v_messages := v_messages || queues.comment_notifications(v_comment, v_comment.told, false);
    elsif v_comment.status <> 'approved' and v_comment.told is not null then
      v_messages := v_messages || queues.comment_notifications(v_comment, v_comment.told, true);
      update public.comments set told = null where id = v_comment.id;
    end if;
  end loop;
  perform queues.send_notifications(v_messages);
end $$;
comment on function queues.tell_of(public.comments[], boolean) is
  'Tells the authors of comments what was decided, if that is final for now, and the others concerned of those that were '
  'approved, and takes that back when one is not visible any more. Not final is a flag until another service was asked.';
revoke all on function queues.tell_of(public.comments[], boolean) from public;
