-- The moderation log: who decided what, when and why. It outlives the comments that it is about.

create table queues.moderation_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  action text not null,
  actor_id uuid,
  person_id uuid,
  comment_id uuid,
  post_id uuid,
  revision integer,
  body text,
  reasons jsonb,
  scores jsonb,
  model text,
  note text,
  opinion jsonb,

  constraint action_is_known check (action in (
    'approved', 'flagged', 'rejected', 'deleted', 'reported', 'dismissed', 'appealed', 'banned', 'unbanned')),
  constraint body_is_bounded check (length(body) <= 2000),
  constraint note_is_short check (length(note) <= 1000)
);
create index moderation_log_at_idx on queues.moderation_log (at);
create index moderation_log_person_idx on queues.moderation_log (person_id, at desc);
create index moderation_log_comment_idx on queues.moderation_log (comment_id, at desc);
comment on table queues.moderation_log is
  'Every decision about comments and people. Rows are only added, and removed after queues.comment_settings.log_days.';
comment on column queues.moderation_log.actor_id is 'Who acted; null for the machine, or for the owner of the database.';
comment on column queues.moderation_log.person_id is 'Whom it is about: the author.';
comment on column queues.moderation_log.opinion is 'What another service said of it, if it was asked before.';
comment on column queues.moderation_log.body is 'The text that was judged, unless it was approved.';
revoke all on table queues.moderation_log from public, anon, authenticated, service_role;

create function queues.log_moderation(p_action text, p_comment public.comments, p_actor uuid, p_note text) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.moderation_log (
    action, actor_id, person_id, comment_id, post_id, revision, body, reasons, scores, model, note, opinion)
  values (p_action, p_actor, p_comment.author_id, p_comment.id, p_comment.post_id, p_comment.revision,
    case when p_action <> 'approved' then p_comment.body end, p_comment.reasons, p_comment.scores, p_comment.model, p_note,
    p_comment.opinion);
end $$;
comment on function queues.log_moderation(text, public.comments, uuid, text) is 'Adds a decision about a comment to the log.';
revoke all on function queues.log_moderation(text, public.comments, uuid, text) from public;

create function queues.offences_of(p_person uuid, p_except uuid) returns integer
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Bounds the work for somebody who comments all day.
  c_decisions constant integer := 500;
begin
  return (
    select count(*)::integer from (
      -- A moderator may have overruled the machine: the latest decision counts, also of a comment that was deleted since.
      select distinct on (comment_id) action
      from (
        select comment_id, action, at, id from queues.moderation_log
        where person_id = p_person and comment_id <> p_except and action in ('approved', 'flagged', 'rejected')
          and at > now() - (select make_interval(days => offence_window_days) from queues.comment_settings)
        order by at desc limit c_decisions
      ) recent
      order by comment_id, at desc, id desc
    ) latest
    where action = 'rejected');
end $$;
comment on function queues.offences_of(uuid, uuid) is 'How many comments of a person were rejected lately, except one.';
revoke all on function queues.offences_of(uuid, uuid) from public;

create function queues.prune_moderation_log(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_before timestamptz := (
    select clock_timestamp() - make_interval(days => log_days) from queues.comment_settings);
  v_removed integer;
begin
  delete from queues.moderation_log where id = any(array(
    select id from queues.moderation_log where at < v_before order by at limit p_limit for update skip locked));
  get diagnostics v_removed = row_count;
  return v_removed;
end $$;
comment on function queues.prune_moderation_log(integer) is 'Removes old entries of the log.';
revoke all on function queues.prune_moderation_log(integer) from public;
