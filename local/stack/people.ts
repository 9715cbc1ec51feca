/** The people of `make dev`, who can sign in. */
import type connect from "postgres";

export const PASSWORD = "suplatzigram";

export interface Person {
  name: string;
  id: string;
  email: string;
  language: string;
  isModerator: boolean;
}

export const people: Person[] = [
  person("ana", 1, "es"),
  person("ben", 2, "en"),
  person("operator", 3, "en", true),
];

function person(name: string, place: number, language: string, isModerator = false): Person {
  const id = `00000000-0000-4000-8000-00000000000${place}`;
  return { name, id, email: `${name}@example.com`, language, isModerator };
}

/** Adds the people with their profiles, as the superuser. Those that are there already stay as they are. */
export async function addPeople(sql: connect.Sql): Promise<void> {
  for (const { name, id, email, language, isModerator } of people) {
    await sql`
      insert into auth.users (id, email, encrypted_password, email_confirmed_at)
      values (${id}, ${email}, extensions.crypt(${PASSWORD}, extensions.gen_salt('bf')), now())
      on conflict do nothing`;
    await sql`
      insert into public.profiles (id, username, language) values (${id}, ${name}, ${language}) on conflict do nothing`;
    if (isModerator) await sql`insert into queues.moderators (profile_id) values (${id}) on conflict do nothing`;
  }
}
