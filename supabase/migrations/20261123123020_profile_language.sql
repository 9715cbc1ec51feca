-- In which words, and when, a person would like to be told. Added to the app's own profiles table where they are missing.
-- Nobody selects or updates them through the API: notification_preferences and set_notification_preferences do.

alter table public.profiles
  add column if not exists language text default 'en',
  add column if not exists time_zone text,
  add column if not exists quiet_from time,
  add column if not exists quiet_until time;
