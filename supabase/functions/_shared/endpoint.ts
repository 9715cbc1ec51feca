import { withSupabase } from "@supabase/server";

export type Handler = (request: Request) => Promise<Response>;

/**
 * What every function answers in front of its own work: 401 to callers without a secret key of the project in the
 * `apikey` header, 405 to other methods. `handle` is given that key.
 */
export function endpoint(method: string, handle: (request: Request, key: string) => Promise<Response>): Handler {
  return withSupabase({ auth: "secret:*", cors: "disabled" }, async (request) => {
    if (request.method === method) return await handle(request, request.headers.get("apikey") ?? "");
    const message = `${request.method} is not allowed here, use ${method}`;
    return Response.json({ error: { code: "method_not_allowed", message } }, {
      status: 405,
      headers: { allow: method },
    });
  });
}
