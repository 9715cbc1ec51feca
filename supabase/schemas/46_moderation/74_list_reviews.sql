-- The list that moderators work through, with the evidence.

create function queues.person_evidence(p_person uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select json_build_object(
      'id', p.id, 'username', queues.usernames(array[p.id]) ->> p.id::text,
      'age_secs', (select age_secs from queues.account_ages(array[p.id])),
      'offences', queues.offences_of(p.id, uuid '00000000-0000-0000-0000-000000000000'),
      'limited_until', nullif(r.limited_until, '-infinity'), 'banned_until', nullif(r.banned_until, '-infinity'))
    from public.profiles p left join queues.restrictions r on r.profile_id = p.id
    where p.id = p_person);
end $$;
comment on function queues.person_evidence(uuid) is 'What a moderator is to know of a person.';
revoke all on function queues.person_evidence(uuid) from public;

create function queues.evidence(p_comment_id uuid, p_post_id uuid) returns json
language plpgsql
stable
set search_path = ''
as $$
declare
  c_shown constant integer := 20;
begin
  return json_build_object(
    'comment', (
      select json_build_object(
        'id', c.id, 'parent_id', c.parent_id, 'body', c.body, 'status', c.status, 'revision', c.revision,
        'created_at', c.created_at, 'edited_at', c.edited_at, 'decided_at', c.decided_at, 'decided_by', c.decided_by,
        'reasons', c.reasons, 'scores', c.scores, 'language', c.language, 'model', c.model, 'note', c.note,
        'opinion', c.opinion,
        'author', queues.person_evidence(c.author_id))
      from public.comments c where c.id = p_comment_id),
    'post', (
      select json_build_object('id', p.id, 'caption', d.caption, 'owner', queues.person_evidence(d.owner_id))
      from public.posts_new p cross join queues.post_details(p.id) d
      where p.id = coalesce(p_post_id, (select c.post_id from public.comments c where c.id = p_comment_id))),
    'reports', (
      select coalesce(json_agg(json_build_object(
        'reporter_id', r.reporter_id, 'reason', r.reason, 'note', r.note, 'reported_at', r.reported_at)), '[]')
      from (
        select * from queues.reports
        where closed_at is null and (comment_id = p_comment_id or post_id = p_post_id)
        order by reported_at desc limit c_shown
      ) r),
    'appeal', (
      select json_build_object('body', a.body, 'appealed_at', a.appealed_at)
      from queues.appeals a where a.comment_id = p_comment_id and a.closed_at is null),
    'history', (
      select coalesce(json_agg(json_build_object(
        'at', l.at, 'action', l.action, 'actor_id', l.actor_id, 'revision', l.revision, 'body', l.body,
        'reasons', l.reasons, 'note', l.note, 'opinion', l.opinion)), '[]')
      from (
        select * from queues.moderation_log where comment_id = p_comment_id and action <> 'reported'
        order by at desc limit c_shown
      ) l));
end $$;
comment on function queues.evidence(uuid, uuid) is
  'What a moderator is to know of a comment or a post: {comment, post, reports, appeal, history}.';
revoke all on function queues.evidence(uuid, uuid) from public;

create function queues.list_reviews(p_limit integer, p_after text) returns json
language plpgsql
stable
security definer
set search_path = ''
as $$
declare
  v_at timestamptz;
  v_id uuid;
  v_items json[];
  v_cursors text[];
begin
  perform queues.moderator();
  perform queues.check_page(p_limit);
  select c.at, c.id into v_at, v_id from queues.read_cursor('p_after', p_after) c;
  select
    array_agg(json_build_object('opened_at', r.opened_at, 'comment_id', r.comment_id, 'post_id', r.post_id,
      'image_id', r.image_id,
      'evidence', case when r.image_id is null then queues.evidence(r.comment_id, r.post_id)
        else queues.image_evidence(r.image_id) end) order by r.opened_at, r.id),
    array_agg(queues.cursor_of(r.opened_at, r.id) order by r.opened_at, r.id)
  into v_items, v_cursors
  from (
    select * from queues.reviews
    where (opened_at, id) > (coalesce(v_at, '-infinity'), coalesce(v_id, uuid '00000000-0000-0000-0000-000000000000'))
    order by opened_at, id
    limit p_limit + 1
  ) r;
  return json_build_object(
    'items', coalesce(to_json(v_items[:p_limit]), '[]'),
    'next', case when cardinality(v_items) > p_limit then v_cursors[p_limit] end);
end $$;
comment on function queues.list_reviews(integer, text) is 'See public.list_reviews, its only caller.';
revoke all on function queues.list_reviews(integer, text) from public;
grant execute on function queues.list_reviews(integer, text) to authenticated;

create function public.list_reviews(p_limit integer default 20, p_after text default null) returns json
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
  return queues.list_reviews(p_limit, p_after);
end $$;
comment on function public.list_reviews(integer, text) is
  'For moderators: the comments, posts and pictures that wait for them, longest first: {items: [{opened_at, comment_id, '
  'post_id, image_id, evidence}], next}.';
revoke all on function public.list_reviews(integer, text) from public, anon, authenticated, service_role;
grant execute on function public.list_reviews(integer, text) to authenticated;
