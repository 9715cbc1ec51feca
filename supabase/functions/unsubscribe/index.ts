import { withSupabase } from "@supabase/server";
import { unsubscribe } from "../_shared/core.ts";
import { respond } from "../_shared/http.ts";
import * as rpc from "../_shared/rpc.ts";
import { variables } from "../_shared/variables.ts";

/** The target of the link in emails and of its one-click button (RFC 8058). Mail services send no key. */
export default {
  fetch: withSupabase({ auth: "none" }, async (request, { supabase }) => {
    const token = new URL(request.url).searchParams.get("token") ?? "";
    const languages = request.headers.get("accept-language") ?? "";
    const host = { ...variables(), unsubscribe: (token: string) => rpc.unsubscribe(supabase, token) };
    const { error, ...answer } = JSON.parse(await unsubscribe(request.method, token, languages, host));
    if (error) console.error(JSON.stringify({ function: "unsubscribe", ...error }));
    return respond(answer);
  }),
};
