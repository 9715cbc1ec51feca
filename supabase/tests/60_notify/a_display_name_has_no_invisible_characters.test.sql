begin;

create temp table name (username text, told text, why text);
-- Alone, several in a row, or around a name.
insert into name
select v.username, v.told, format('%s %s', v.how, to_hex(c.code))
from unnest(array[
  7, 10, 32, 127, 133, 160, 173, 847, 1564, 4447, 4448, 5760, 6068, 6069, 6155, 6157, 6158, 6159, 8192, 8202, 8203, 8204, 8205, 8206,
  8207, 8232, 8233, 8234, 8238, 8239, 8287, 8288, 8292, 8293, 8294, 8297, 8303, 10240, 12288, 12644, 65024, 65039, 65279, 65440, 65528,
  65531, 113824, 119155, 917505, 917536, 917631, 917760, 917999]) c (code)
cross join lateral (values
  (chr(c.code), null, 'alone'),
  (repeat(chr(8203) || chr(c.code) || ' ', 30), null, 'a crowd of'),
  (repeat(chr(c.code), 2000), null, 'only'),
  (chr(c.code) || 'ann', 'ann', 'before a name')) v (username, told, how);
insert into name
select 'a' || chr(code) || 'b', 'ab', format('within a name: %s', to_hex(code))
from unnest(array[173, 1564, 6158, 8203, 8206, 8207, 8234, 8235, 8236, 8237, 8238, 8288, 8294, 8295, 8296, 8297, 12644, 65279]) code;
insert into name values
  (null, null, 'none'),
  ('', null, 'an empty one'),
  ('ann', 'ann', 'a plain one'),
  (U&' ann \3000\00a0 lee\200d ', 'ann lee', 'spaces are single, and within'),
  (U&'\+01F468\200D\+01F469\200D\+01F467 fam', U&'\+01F468\200D\+01F469\200D\+01F467 fam', 'a family'),
  (U&'ann \2764\FE0F', U&'ann \2764\FE0F', 'a red heart'),
  (U&'\+01F3F4\+0E0067\+0E0062\+0E0065\+0E006E\+0E0067\+0E007F', U&'\+01F3F4\+0E0067\+0E0062\+0E0065\+0E006E\+0E0067\+0E007F', 'a flag'),
  (U&'\0646\0627\0645\200C\0647\0627', U&'\0646\0627\0645\200C\0647\0627', 'a Persian word'),
  (U&'\AE40\CCA0\C218', U&'\AE40\CCA0\C218', 'a Korean one'),
  (repeat('n', 39) || U&'\200D\+01F467', repeat('n', 39), 'cutting leaves no joiner at the end');

select plan((select count(*)::int from name) + 1);
select is(queues.display_name(username), told, why) from name;
select is(queues.display_name(repeat(chr(8203), 900) || repeat('n', 900)), repeat('n', 40), 'at most 40 characters');

select * from finish();
rollback;
