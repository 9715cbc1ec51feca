/** The buckets of pictures. */
import type connect from "postgres";
import type { Problem } from "./problem.ts";

/** Uploads must be private: they hold what the camera wrote, such as the place where a picture was taken. */
export async function storageProblems(sql: connect.Sql): Promise<Problem[]> {
  const [has] = await sql`
    select to_regclass('storage.buckets') is not null as storage, to_regclass('queues.image_settings') is not null as settings`;
  if (!has!.storage) return [];
  const bucket = has!.settings ? (await sql`select uploads_bucket as id from queues.image_settings`)[0]!.id : "uploads";
  const [uploads] = await sql`select public from storage.buckets where id = ${bucket}`;
  if (!uploads?.public) return [];
  return [{
    what: `the bucket \`${bucket}\` is public: everybody could read uploads, with the places where they were taken`,
    remedy:
      "make it private (dashboard: Storage, Edit bucket), or, if the app serves other files from it, name another " +
      "bucket in queues.image_settings after the deploy and make this one private until then",
  }];
}
