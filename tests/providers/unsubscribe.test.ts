/** The function as it runs on the platform, in front of a database that knows one token. */
import { deepEqual, equal, match } from "node:assert/strict";
import type { DenoVersion } from "../../local/tools/binaries.ts";
import { FunctionProcess } from "../../local/stack/function-process.ts";
import { logNothing } from "../../local/stack/log.ts";
import { FUNCTIONS } from "../../local/tools/paths.ts";
import { type Loopback, serve } from "./senders/support.ts";

const folder = `${FUNCTIONS}/unsubscribe`;
const RIGHT = "7d0c.email.0123456789abcdef";

function database(): Loopback {
  return serve(({ body }) => {
    const { p_token } = JSON.parse(new TextDecoder().decode(body));
    if (p_token === "broken") return Response.json({ code: "XX000", message: "the database is away" }, { status: 500 });
    return Response.json(p_token === RIGHT ? { success: true } : { success: false, code: "INVALID_TOKEN" });
  });
}

for (const denoVersion of ["2.1.4", "current"] as DenoVersion[]) {
  for (const APP_URL of ["https://app.example.org/", ""]) {
    Deno.test(`unsubscribe on Deno ${denoVersion}, APP_URL "${APP_URL}"`, async (t) => {
      await using project = database();
      const entryFolder = await Deno.makeTempDir();
      const env = {
        SUPABASE_URL: project.url,
        SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
        SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
        APP_URL,
      };
      const process = new FunctionProcess({
        name: "unsubscribe",
        folder,
        entryFolder,
        denoVersion,
        env,
        log: logNothing,
      });
      const address = `${await process.url}/unsubscribe`;
      const call = async (method: string, token: string | null = RIGHT, init: RequestInit = {}) => {
        const query = token === null ? "" : `?token=${encodeURIComponent(token)}`;
        const response = await fetch(address + query, { method, redirect: "manual", ...init });
        return { status: response.status, headers: response.headers, text: await response.text() };
      };
      try {
        await t.step("one click by a mail service ends the emails", async () => {
          const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
          const { status, text, headers } = await call("POST", RIGHT, { body });
          equal(status, 200, text);
          match(text, /no more/);
          match(headers.get("content-type")!, /^text\/plain/);
          equal(headers.get("access-control-allow-origin"), "*");
          const [asked] = project.asked.splice(0);
          equal(asked!.path, "/rest/v1/rpc/unsubscribe");
          equal(asked!.headers.get("apikey"), "sb_publishable_x");
          deepEqual(JSON.parse(new TextDecoder().decode(asked!.body)), { p_token: RIGHT });
        });
        await t.step("the body does not matter", async () => {
          const form = new FormData();
          form.set("List-Unsubscribe", "One-Click");
          for (const body of [form, "?", undefined]) equal((await call("POST", RIGHT, { body })).status, 200);
          project.asked.length = 0;
        });
        await t.step("rejects an invalid token", async () => {
          equal((await call("POST", "7d0c.email.00")).status, 400);
          equal(project.asked.splice(0).length, 1);
          for (const token of [null, "", "x".repeat(201), "a\0b"]) {
            for (const method of ["POST", "GET"]) equal((await call(method, token)).status, 400);
          }
          equal(project.asked.length, 0);
        });
        await t.step("a failure of the database is not reported as an invalid token", async () => {
          const { status, text } = await call("POST", "broken");
          equal(status, 503);
          equal(text.includes("database"), false);
          project.asked.length = 0;
        });
        await t.step("opening the link changes nothing", async () => {
          for (const method of ["GET", "HEAD"]) {
            const { status, headers } = await call(method, "a&b=c");
            equal(status, APP_URL ? 303 : 200);
            equal(headers.get("location"), APP_URL ? "https://app.example.org/unsubscribe?token=a%26b%3Dc" : null);
            equal(headers.get("referrer-policy"), "no-referrer");
          }
          equal(project.asked.length, 0);
        });
        await t.step("answers in the language that the browser prefers", async () => {
          for (
            const [languages, language, says] of [["es-AR,es;q=0.9,en;q=0.8", "es", /No recibirás/], [
              "pt",
              "en",
              /no more/,
            ]] as const
          ) {
            const { text, headers } = await call("POST", RIGHT, { headers: { "accept-language": languages } });
            match(text, says);
            equal(headers.get("content-language"), language);
          }
          project.asked.length = 0;
        });
        await t.step("rejects other methods", async () => {
          for (const method of ["PUT", "DELETE", "PATCH"]) {
            const { status, headers } = await call(method);
            deepEqual([status, headers.get("allow")], [405, "GET, POST"]);
          }
        });
        await t.step("browsers may call it from the app's page", async () => {
          const headers = { origin: "https://app.example.org", "access-control-request-method": "POST" };
          const preflight = await call("OPTIONS", RIGHT, { headers });
          equal(preflight.status, 204);
          equal(preflight.headers.get("access-control-allow-origin"), "*");
          match(preflight.headers.get("access-control-allow-methods") ?? "", /POST/);
          equal(project.asked.length, 0);
        });
      } finally {
        await process.stop();
        await Deno.remove(entryFolder, { recursive: true });
      }
    });
  }
}
