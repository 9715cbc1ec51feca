/** The statements that turn one database into another, by pg-delta of the Supabase CLI, which needs no Docker. */
import { supabaseJson } from "../../local/tools/supabase-cli.ts";

/** The schemas to compare. In `realtime` only a policy is ours. */
const schemas = "public,queues,realtime";

const config = `project_id = "migration"

[experimental.pgdelta]
enabled = true
format_options = '{"keywordCase": "lower", "maxWidth": 120, "indent": 2}'
`;

/** Empty if pg-delta sees no difference. fingerprint.sql sees more. */
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
