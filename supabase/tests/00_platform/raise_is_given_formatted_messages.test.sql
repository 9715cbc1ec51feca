begin;
select plan(2);

-- RAISE replaces each % by a value and leaves the letter behind it.
create function queues.wrong() returns void language plpgsql as $$ begin raise warning 'queue %L', 'q'; end $$;
create function pg_temp.wrong_functions() returns setof text language sql as
$$select proname::text from pg_proc where pronamespace in ('queues'::regnamespace, 'public'::regnamespace)
  and prosrc ~* 'raise\s+(debug|log|info|notice|warning|exception)\s+''[^'']*%[LIs]'$$;

select results_eq('select pg_temp.wrong_functions()', $$values ('wrong')$$, 'a format of format() in a message of raise is found');
drop function queues.wrong();
select is_empty('select pg_temp.wrong_functions()', 'and there is none');

select * from finish();
rollback;
