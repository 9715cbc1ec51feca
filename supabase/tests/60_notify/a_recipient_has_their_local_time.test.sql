begin;
select plan(4);

insert into profiles (id, username) values ('00000000-0000-4000-8000-00000000000a', 'ann'),
  ('00000000-0000-4000-8000-00000000000b', 'bob');

create function pg_temp.hours(p_zone text) returns numeric language plpgsql as $$
begin
  update profiles set time_zone = p_zone where username = 'ann';
  -- Rounded, as time passes between the two readings.
  return (24 + round(extract(epoch from (select local_time from queues.recipients(array(select id from profiles where username = 'ann')))::time
    - (clock_timestamp() at time zone 'UTC')::time) / 3600, 1)) % 24;
end $$;
select is(pg_temp.hours('Asia/Kolkata'), 5.5, 'the local time of a time zone');
select is(pg_temp.hours('America/Bogota'), 19.0, 'also west of UTC');
select is(pg_temp.hours(null), 0.0, 'UTC without a time zone');
select is(pg_temp.hours('Nowhere/At All'), 0.0, 'UTC for an unknown time zone');

select * from finish();
rollback;
