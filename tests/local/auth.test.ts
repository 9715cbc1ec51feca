/** The stand-in of Supabase Auth, with the client library that apps use. */
import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { query } from "../../local/stack/database.ts";
import { signToken, verifyToken } from "../../local/stack/keys.ts";
import { logNothing } from "../../local/stack/log.ts";
import { addPeople, PASSWORD, people } from "../../local/stack/people.ts";
import { startStack } from "../../local/stack/stack.ts";

const [ana, ben, operator] = people;

Deno.test("people sign in with supabase-js", async (test) => {
  await using stack = await startStack({ statementTimeout: "10min", log: logNothing });
  await query(stack.adminDatabaseUrl, addPeople);
  // A second start of `make dev` with the same data.
  await query(stack.adminDatabaseUrl, addPeople);
  const client = () =>
    createClient(stack.url, stack.publishableKey, { auth: { persistSession: false, autoRefreshToken: false } });
  const signIn = async (supabase: SupabaseClient, person = ana!) => {
    const { data, error } = await supabase.auth.signInWithPassword({ email: person.email, password: PASSWORD });
    assert.equal(error, null);
    return data.session!;
  };
  const run = (text: string) => query(stack.adminDatabaseUrl, (sql) => sql.unsafe(text));

  await test.step("a token is a JWT of the project, and PostgREST knows its person", async () => {
    const supabase = client();
    const session = await signIn(supabase);
    const claims = await verifyToken(stack.jwtSecret, session.access_token);
    assert.deepEqual(
      [claims.sub, claims.role, claims.aud, claims.iss],
      [ana!.id, "authenticated", "authenticated", `${stack.url}/auth/v1`],
    );
    const { data: preferences } = await supabase.rpc("notification_preferences");
    assert.equal(preferences.language, "es");
    const { data: { user } } = await supabase.auth.getUser();
    assert.equal(user?.email, ana!.email);
  });

  await test.step("the operator is a moderator, the others are not", async () => {
    for (const [person, isModerator] of [[operator!, true], [ben!, false]] as const) {
      const supabase = client();
      await signIn(supabase, person);
      assert.equal((await supabase.rpc("list_reviews")).error === null, isModerator, person.name);
    }
  });

  await test.step("a wrong password, an unknown address and a deleted account look the same", async () => {
    await run(`update auth.users set deleted_at = now() where email = '${ben!.email}'`);
    for (const [email, password] of [[ana!.email, "wrong"], ["nobody@example.com", PASSWORD], [ben!.email, PASSWORD]]) {
      const { error } = await client().auth.signInWithPassword({ email: email!, password: password! });
      assert.deepEqual([error?.status, error?.code], [400, "invalid_credentials"]);
    }
    await run(`update auth.users set deleted_at = null`);
  });

  await test.step("each refresh gives a new token, and two tabs get the same one", async () => {
    const [one, other] = [client(), client()];
    const first = await signIn(one);
    const [a, b] = await Promise.all(
      [one, other].map((tab) => tab.auth.refreshSession({ refresh_token: first.refresh_token })),
    );
    assert.notEqual(a!.data.session?.refresh_token, first.refresh_token);
    assert.equal(a!.data.session?.refresh_token, b!.data.session?.refresh_token);
    assert.equal((await one.auth.getUser()).data.user?.id, ana!.id);
  });

  await test.step("a token that is used again later ends the session for everyone", async () => {
    const supabase = client();
    const first = await signIn(supabase);
    await supabase.auth.refreshSession();
    const { data: { session: last } } = await supabase.auth.refreshSession();
    await run(`update auth.refresh_tokens set revoked_at = revoked_at - interval '1 minute'`);
    const refresh = (token: string) => client().auth.refreshSession({ refresh_token: token });
    assert.equal((await refresh(first.refresh_token)).error?.code, "refresh_token_already_used");
    assert.equal((await refresh(last!.refresh_token)).error?.code, "refresh_token_not_found");
  });

  await test.step("signing out ends this session, or all", async () => {
    const [one, other] = [client(), client()];
    const { refresh_token: token } = await signIn(one);
    await signIn(other);
    assert.equal((await one.auth.signOut({ scope: "local" })).error, null);
    assert.equal((await one.auth.refreshSession({ refresh_token: token })).error?.code, "refresh_token_not_found");
    assert.equal((await other.auth.getUser()).data.user?.id, ana!.id);
    const { data: { session } } = await other.auth.getSession();
    await signIn(one);
    await one.auth.signOut();
    assert.equal((await other.auth.getUser(session!.access_token)).error?.name, "AuthSessionMissingError");
  });

  await test.step("a forged and an expired token are refused", async () => {
    const forged = await signToken("another secret, as long as the right one", { role: "authenticated", sub: ana!.id });
    const expired = await signToken(stack.jwtSecret, { role: "authenticated", sub: ana!.id, exp: 1 });
    for (const token of [forged, expired]) {
      const { error } = await client().auth.getUser(token);
      assert.deepEqual([error?.status, error?.code], [403, "bad_jwt"]);
    }
  });

  await test.step("a request needs a key, its preflight does not", async () => {
    const address = `${stack.url}/auth/v1/token?grant_type=password`;
    const refused = await fetch(address, { method: "POST", body: "{}" });
    assert.equal(refused.status, 401);
    await refused.body?.cancel();
    const preflight = await fetch(address, { method: "OPTIONS", headers: { origin: "http://localhost:3000" } });
    assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
    await preflight.body?.cancel();
  });

  await test.step("what is no JSON, or has characters that no text has, is refused and not an error", async () => {
    for (const body of ["", "{", "null", "[]", JSON.stringify({ email: "a\0b", password: { $ne: 1 } })]) {
      const headers = { apikey: stack.publishableKey };
      const response = await fetch(`${stack.url}/auth/v1/token?grant_type=password`, { method: "POST", body, headers });
      assert.equal(response.status, 400, body);
      await response.body?.cancel();
    }
  });
});
