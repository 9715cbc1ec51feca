/** The people of `make dev`, who can sign in. */
import type connect from "postgres";
import { coffee, harbor, market, ridge } from "./scenes.ts";

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

/** Their posts, the latest first. Each has a picture of its own. */
export const posts = ([
  ["ana", "La luz de esta mañana en el puerto", harbor],
  ["ben", "First snow on the ridge", ridge],
  ["ana", "Mercado de sábado", market],
  ["ben", "Coffee, finally", coffee],
] as const).map(([owner, caption, scene], place) => ({
  id: `00000000-0000-4000-9000-${`${place + 1}`.padStart(12, "0")}`,
  owner: people.find(({ name }) => name === owner)!,
  caption,
  scene,
}));

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
  for (const [place, { id, owner, caption }] of posts.entries()) {
    await sql`
      insert into public.posts_new (id, profile_id, caption, created_at)
      values (${id}, ${owner.id}, ${caption}, now() - ${place} * interval '1 hour')
      on conflict do nothing`;
  }
  // People publish, as the policies of an app allow it.
  await sql`grant insert (id, profile_id, caption) on public.posts_new to authenticated`;
  await sql`drop policy if exists "people publish their own posts" on public.posts_new`;
  await sql`
    create policy "people publish their own posts" on public.posts_new
    for insert to authenticated with check (profile_id = (select auth.uid()))`;
  // So that counts change under the reader's eyes.
  const [published] = await sql`
    select from pg_publication_tables where pubname = 'supabase_realtime' and tablename = 'posts_new'`;
  if (!published) await sql`alter publication supabase_realtime add table public.posts_new`;
}
