/**
 * The parts of supabase-js that the console uses, put together as it does. Its client also has Realtime and functions,
 * a tenth of all that a page would load.
 */
import { AuthClient } from "@supabase/auth-js";
import { PostgrestClient } from "@supabase/postgrest-js";
import { StorageClient } from "@supabase/storage-js";

export interface Client {
  auth: InstanceType<typeof AuthClient>;
  api: PostgrestClient;
  storage: StorageClient;
}

export function createClient(url: string, key: string, storageKey: string): Client {
  const headers = { apikey: key, authorization: `Bearer ${key}` };
  const auth = new AuthClient({ url: `${url}/auth/v1`, headers, storageKey });
  /** With the token of the person, if one is signed in. */
  const asPerson: typeof fetch = async (request, options) => {
    const { data: { session } } = await auth.getSession();
    const sent = new Headers(options?.headers);
    if (session) sent.set("authorization", `Bearer ${session.access_token}`);
    return await fetch(request, { ...options, headers: sent });
  };
  return {
    auth,
    api: new PostgrestClient(`${url}/rest/v1`, { headers, fetch: asPerson }),
    storage: new StorageClient(`${url}/storage/v1`, headers, asPerson),
  };
}
