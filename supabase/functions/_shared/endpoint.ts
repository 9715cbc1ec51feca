import { withSupabase } from "@supabase/server";
import { refuseMethod } from "./core.ts";
import { respond } from "./http.ts";

export type Handler = (request: Request) => Promise<Response>;

/**
 * Calls `handle` for requests with this method and a secret key of the project in the `apikey` header. Answers all others
 * with 401 or 405.
 */
export function endpoint(method: string, handle: (request: Request, key: string) => Promise<Response>): Handler {
  return withSupabase({ auth: "secret:*", cors: "disabled" }, async (request) => {
    const refusal = refuseMethod(request.method, method);
    if (refusal !== undefined) return respond(JSON.parse(refusal));
    return await handle(request, request.headers.get("apikey") ?? "");
  });
}
