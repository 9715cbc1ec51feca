-- Comments. They are visible once they are approved; post_comment, edit_comment and delete_comment write them.

create table public.comments (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references public.posts_new (id) on delete cascade,
  author_id uuid not null references public.profiles (id) on delete cascade,
  parent_id uuid references public.comments (id) on delete cascade,
  reply_to uuid references public.profiles (id) on delete set null,
  body text not null,
  status text not null default 'pending',
  revision integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  edited_at timestamptz,
  decided_at timestamptz,
  decided_by uuid references public.profiles (id) on delete set null,
  was_decided_by_a_moderator boolean not null default false,
  reasons jsonb not null default '[]',
  reason_codes jsonb not null generated always as (jsonb_path_query_array(reasons, '$[*].code')) stored,
  scores jsonb,
  language text,
  model text,
  note text,
  told jsonb,
  opinion jsonb,

  constraint body_has_a_length check (length(body) between 1 and 2000),
  constraint status_is_known check (status in ('pending', 'approved', 'flagged', 'rejected')),
  constraint revision_is_positive check (revision > 0),
  constraint pending_is_undecided check ((status = 'pending') = (decided_at is null)),
  constraint decided_by_a_moderator check (decided_by is null or was_decided_by_a_moderator),
  constraint reasons_are_a_short_list check (jsonb_typeof(reasons) = 'array' and jsonb_array_length(reasons) <= 8),
  constraint scores_are_an_object check (jsonb_typeof(scores) = 'object'),
  constraint language_is_known check (language in ('en', 'es', 'other')),
  constraint model_is_short check (length(model) <= 32),
  constraint note_is_short check (length(note) <= 1000),
  constraint told_is_an_array check (jsonb_typeof(told) = 'array'),
  constraint opinion_is_an_object check (jsonb_typeof(opinion) = 'object' and octet_length(opinion::text) <= 8192)
);
-- A thread is that of a post or of a comment.
create index comments_thread_idx on public.comments (coalesce(parent_id, post_id), created_at desc, id desc);
create index comments_post_id_idx on public.comments (post_id);
create index comments_parent_id_idx on public.comments (parent_id);
create index comments_author_id_idx on public.comments (author_id, created_at desc);
create index comments_reply_to_idx on public.comments (reply_to);
create index comments_decided_by_idx on public.comments (decided_by);
create index comments_created_at_idx on public.comments (created_at);
create index comments_pending_idx on public.comments (coalesce(edited_at, created_at)) where status = 'pending';
comment on table public.comments is
  'Comments on posts, and replies to them. Text as people wrote it: an app shows it as text, never as HTML.';
comment on column public.comments.parent_id is 'The comment at the top of its thread; null if it is that one.';
comment on column public.comments.reply_to is 'Whose comment it answers; null for a comment on the post.';
comment on column public.comments.status is
  'pending until it is judged, approved (visible to all), flagged (waits for a moderator) or rejected.';
comment on column public.comments.revision is 'Grows with each edit. A judgement applies to one revision.';
comment on column public.comments.decided_by is 'The moderator who decided; null if the machine did.';
comment on column public.comments.was_decided_by_a_moderator is
  'Whether a moderator decided, also one whose account is gone.';
comment on column public.comments.reasons is
  'Why it was flagged or rejected: [{code, found}]. What was found is for moderators.';
comment on column public.comments.reason_codes is 'The codes of the reasons, for the author.';
comment on column public.comments.scores is 'The scores of the models: {offence, spam}, from 0 to 1.';
comment on column public.comments.language is 'The language whose thresholds were applied.';
comment on column public.comments.model is 'The version of the rules and models that judged it.';
comment on column public.comments.note is 'What the moderator who rejected it says to the author.';
comment on column public.comments.told is
  'Who was notified of it: [{type, recipient_id}]. Null if nobody was, or it was taken back.';
comment on column public.comments.opinion is
  'What another service thinks of this revision, if it was asked: {provider, verdict, flagged, scores, model, at}.';

alter table public.comments enable row level security;
revoke all on table public.comments from public, anon, authenticated, service_role;
-- By column: the evidence is for moderators, who read it with list_reviews.
grant select (id, post_id, author_id, parent_id, reply_to, body, status, revision, created_at, edited_at)
  on table public.comments to anon;
grant select (
  id, post_id, author_id, parent_id, reply_to, body, status, revision, created_at, edited_at, decided_at, reason_codes, note
) on table public.comments to authenticated;
grant select on table public.comments to service_role;

create policy "approved comments are readable by all" on public.comments
  for select to anon using (status = 'approved' and exists (select from public.posts_new p where p.id = post_id));
-- One policy, because each one that applies is evaluated for each row.
create policy "people read approved comments and their own, moderators all" on public.comments
  for select to authenticated using (
    author_id = (select queues.user_id())
    or (select queues.is_moderator())
    or status = 'approved' and exists (select from public.posts_new p where p.id = post_id)
      and not queues.is_apart_from(author_id));
