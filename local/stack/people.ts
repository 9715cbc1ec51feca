/** The people of `make dev`, who can sign in. */
import type connect from "postgres";

export const PASSWORD = "suplatzigram";

export interface Person {
  name: string;
  id: string;
  email: string;
  language: string;
  isStaff: boolean;
}

export const people: Person[] = [
  person("ana", 1, "es"),
  person("ben", 2, "en"),
  person("operator", 3, "en", true),
];

function person(name: string, place: number, language: string, isStaff = false): Person {
  const id = `00000000-0000-4000-8000-00000000000${place}`;
  return { name, id, email: `${name}@example.com`, language, isStaff };
}

const CAPTIONS = [
  ["ana", "La luz de esta mañana en el puerto"],
  ["ben", "First snow on the ridge"],
  ["ana", "Mercado de sábado"],
  ["ben", "Coffee, finally"],
] as const;

/** Adds the people with their profiles and posts, as the superuser. Those that are there already stay as they are. */
export async function addPeople(sql: connect.Sql): Promise<void> {
  for (const { name, id, email, language, isStaff } of people) {
    await sql`
      insert into auth.users (id, email, encrypted_password, email_confirmed_at)
      values (${id}, ${email}, extensions.crypt(${PASSWORD}, extensions.gen_salt('bf')), now())
      on conflict do nothing`;
    await sql`
      insert into public.profiles (id, username, language) values (${id}, ${name}, ${language}) on conflict do nothing`;
    if (isStaff) {
      await sql`insert into queues.moderators (profile_id) values (${id}) on conflict do nothing`;
      await sql`insert into queues.operators (profile_id) values (${id}) on conflict do nothing`;
    }
  }
  for (const [place, [owner, caption]] of CAPTIONS.entries()) {
    const post = `00000000-0000-4000-9000-${`${place + 1}`.padStart(12, "0")}`;
    await sql`
      insert into public.posts_new (id, profile_id, caption, created_at)
      values (${post}, ${
      people.find(({ name }) => name === owner)!.id
    }, ${caption}, now() - ${place} * interval '1 hour')
      on conflict do nothing`;
  }
  // So that counts change under the reader's eyes.
  const [published] = await sql`
    select from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'posts_new'`;
  if (!published) await sql`alter publication supabase_realtime add table public.posts_new`;
}
