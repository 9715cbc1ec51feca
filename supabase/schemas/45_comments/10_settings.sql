-- How comments are moderated: one row of settings, and the thresholds of each language.

create table queues.comment_settings (
  is_only boolean primary key default true,
  offence_window_days integer not null default 90,
  simhash_days integer not null default 7,
  log_days integer not null default 730,
  tell_of_approval boolean not null default true,
  opinion_provider text,
  opinion_from numeric(4, 3) not null default 0,
  opinion_to numeric(4, 3) not null default 1,
  opinion_approve_below numeric(4, 3) not null default 0.2,
  opinion_reject_from numeric(4, 3) not null default 0.8,
  opinion_max_age_secs integer not null default 86400,

  constraint there_is_one_row check (is_only),
  constraint offence_window_is_in_bounds check (offence_window_days between 1 and 3650),
  constraint simhash_days_are_in_bounds check (simhash_days between 1 and 3650),
  constraint log_days_are_in_bounds check (log_days between 1 and 3650),
  constraint log_covers_the_offence_window check (log_days >= offence_window_days),
  constraint opinion_provider_is_known check (opinion_provider in ('openai', 'http')),
  constraint opinion_band_is_in_bounds check (0 <= opinion_from and opinion_from <= opinion_to and opinion_to <= 1),
  constraint opinion_approve_below_is_a_score check (opinion_approve_below between 0 and 1),
  constraint opinion_reject_from_is_a_score check (opinion_reject_from between 0 and 1),
  constraint opinion_max_age_is_in_bounds check (opinion_max_age_secs between 60 and 30 * 86400)
);
comment on table queues.comment_settings is 'How comments are moderated. One row; a change takes effect with the next batch.';
comment on column queues.comment_settings.offence_window_days is
  'For how long a rejected comment counts against its author.';
comment on column queues.comment_settings.simhash_days is 'For how long a comment is compared with later ones.';
comment on column queues.comment_settings.log_days is 'When entries of the moderation log are removed.';
comment on column queues.comment_settings.tell_of_approval is
  'Whether authors are told that a comment was approved. They are always told of the other results.';
comment on column queues.comment_settings.opinion_provider is
  'Which service is asked about comments that were flagged for one signal alone: openai, or http for one of your own. Null, '
  'the default, asks nobody, and no comment leaves the project.';
comment on column queues.comment_settings.opinion_from is
  'The band of the score, of the model on the side of that signal, in which another service is asked: up to opinion_to.';
comment on column queues.comment_settings.opinion_approve_below is
  'A comment is approved if the service does not object and all of its scores are below.';
comment on column queues.comment_settings.opinion_reject_from is
  'A comment is rejected if the service objects and one of its scores is at least this. What is in between stays flagged.';
comment on column queues.comment_settings.opinion_max_age_secs is
  'A comment that was flagged longer ago is left to the moderators.';
revoke all on table queues.comment_settings from public, anon, authenticated, service_role;

create table queues.moderation_settings (
  language text primary key,
  offence_flag numeric(4, 3) not null default 0.5,
  offence_reject numeric(4, 3) not null default 0.8,
  spam_flag numeric(4, 3) not null default 0.5,
  spam_reject numeric(4, 3) not null default 0.8,

  constraint language_is_known check (language in ('en', 'es', 'other')),
  constraint offence_thresholds_rise check (0 <= offence_flag and offence_flag <= offence_reject and offence_reject <= 1),
  constraint spam_thresholds_rise check (0 <= spam_flag and spam_flag <= spam_reject and spam_reject <= 1)
);
comment on table queues.moderation_settings is
  'From which score on a comment is flagged for a moderator, and from which it is rejected. One row for English (en), '
  'one for Spanish (es), one for all other languages (other).';
revoke all on table queues.moderation_settings from public, anon, authenticated, service_role;
