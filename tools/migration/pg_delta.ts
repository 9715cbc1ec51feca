/** The statements that turn one database into another, from the Supabase CLI's pg-delta. It needs no Docker. */
import { supabaseJson } from "../../local/tools/supabase-cli.ts";

/** Which schemas are looked at. In `realtime` only a policy is ours. */
const schemas = "public,queues,realtime";

const config = `project_id = "migration"

[experimental.pgdelta]
enabled = true
format_options = '{"keywordCase": "lower", "maxWidth": 120, "indent": 2}'
`;

/** Empty where there is no difference that pg-delta knows of; see fingerprint.sql for the rest. */
export async function difference(from: string, to: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "queues-diff-" });
  try {
    await Deno.mkdir(`${folder}/supabase`);
    await Deno.writeTextFile(`${folder}/supabase/config.toml`, config);
    const { diff } = await supabaseJson(folder, [
      ...["db", "diff", "--use-pg-delta", "--strict-coverage", "--experimental"],
      ...["--from", `${from}?sslmode=disable`, "--to", `${to}?sslmode=disable`, "-s", schemas],
    ]) as { diff: string };
    return diff.trim();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
