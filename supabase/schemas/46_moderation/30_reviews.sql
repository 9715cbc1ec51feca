-- What waits for a moderator: comments that the machine flagged or could not judge, pictures that are held back, what
-- people reported, and appeals.

create table queues.reviews (
  id uuid primary key default gen_random_uuid(),
  comment_id uuid unique references public.comments (id) on delete cascade,
  post_id uuid unique references public.posts_new (id) on delete cascade,
  opened_at timestamptz not null default clock_timestamp(),
  image_id uuid unique references public.post_images (id) on delete cascade,

  constraint it_is_about_one_thing check (num_nonnulls(comment_id, post_id, image_id) = 1)
);
create index reviews_list_idx on queues.reviews (opened_at, id);
comment on table queues.reviews is 'Comments, posts and pictures that wait for a moderator, each once.';
revoke all on table queues.reviews from public, anon, authenticated, service_role;

create table queues.reports (
  id uuid primary key default gen_random_uuid(),
  reporter_id uuid not null references public.profiles (id) on delete cascade,
  comment_id uuid references public.comments (id) on delete cascade,
  post_id uuid references public.posts_new (id) on delete cascade,
  reason text not null,
  note text,
  reported_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,

  constraint it_is_about_one_thing check (num_nonnulls(comment_id, post_id) = 1),
  constraint a_comment_is_reported_once unique (reporter_id, comment_id),
  constraint a_post_is_reported_once unique (reporter_id, post_id),
  constraint reason_is_known check (reason in ('spam', 'harassment', 'hate', 'violence', 'sexual', 'self_harm', 'other')),
  constraint note_is_short check (length(note) <= 500)
);
create index reports_comment_id_idx on queues.reports (comment_id, reported_at desc);
create index reports_post_id_idx on queues.reports (post_id, reported_at desc);
comment on table queues.reports is 'What people have reported. A report is closed by the next decision of a moderator.';
revoke all on table queues.reports from public, anon, authenticated, service_role;

create table queues.appeals (
  comment_id uuid primary key references public.comments (id) on delete cascade,
  body text not null,
  appealed_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,

  constraint body_has_a_length check (length(body) between 1 and 1000)
);
comment on table queues.appeals is 'What authors say against a rejection: once per comment.';
revoke all on table queues.appeals from public, anon, authenticated, service_role;

create function queues.open_review(p_comment uuid, p_post uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into queues.reviews (comment_id, post_id) values (p_comment, p_post) on conflict do nothing;
end $$;
comment on function queues.open_review(uuid, uuid) is 'Asks a moderator to look at a comment or at a post.';
revoke all on function queues.open_review(uuid, uuid) from public;

create function queues.close_review(p_comment uuid, p_post uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from queues.reviews where comment_id = p_comment or post_id = p_post;
  update queues.reports set closed_at = clock_timestamp()
  where closed_at is null and (comment_id = p_comment or post_id = p_post);
  update queues.appeals set closed_at = clock_timestamp() where closed_at is null and comment_id = p_comment;
end $$;
comment on function queues.close_review(uuid, uuid) is 'A moderator has decided about a comment or a post.';
revoke all on function queues.close_review(uuid, uuid) from public;

create function queues.close_unneeded_reviews(p_comments uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from queues.reviews r
  where r.comment_id = any(p_comments)
    and not exists (select from queues.reports p where p.comment_id = r.comment_id and p.closed_at is null)
    and not exists (select from queues.appeals a where a.comment_id = r.comment_id and a.closed_at is null);
end $$;
comment on function queues.close_unneeded_reviews(uuid[]) is
  'The machine has decided about comments that were edited: nobody has to look at those without a report or an appeal.';
revoke all on function queues.close_unneeded_reviews(uuid[]) from public;
