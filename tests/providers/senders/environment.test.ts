import { deepEqual, equal } from "node:assert/strict";
import { environment } from "../../../supabase/functions/_shared/environment.ts";

const of = (secrets: Record<string, string>) => JSON.parse(environment((name) => secrets[name]));
const apns = { APNS_PRIVATE_KEY: "k", APNS_KEY_ID: "i", APNS_TEAM_ID: "t", APNS_TOPIC: "o" };
const vapid = { VAPID_PUBLIC_KEY: "p", VAPID_PRIVATE_KEY: "k", VAPID_SUBJECT: "s" };
const email = { EMAIL_FROM: "App <app@example.org>", RESEND_API_KEY: "r", SENDGRID_API_KEY: "s" };

Deno.test("without secrets nothing is configured", () => {
  deepEqual(of({ SUPABASE_URL: "https://x.supabase.co/" }), {
    providers: [],
    email_provider: null,
    email_from: null,
    app_url: null,
    unsubscribe_url: "https://x.supabase.co/functions/v1/unsubscribe",
    web_push_hosts: [],
  });
});

Deno.test("where mailboxes reach the project may differ from where the functions do", () => {
  const one = (PUBLIC_URL: string) => of({ SUPABASE_URL: "http://kong:8000", PUBLIC_URL }).unsubscribe_url;
  equal(one("https://api.example.org/"), "https://api.example.org/functions/v1/unsubscribe");
  for (const unusable of ["", "api.example.org"]) equal(one(unusable), "http://kong:8000/functions/v1/unsubscribe");
});

Deno.test("a provider is configured as soon as one of its own secrets is set", () => {
  deepEqual(of({ FCM_SERVICE_ACCOUNT: "{}", ...apns, ...vapid, ...email }).providers, [
    "fcm",
    "apns",
    "web_push",
    "resend",
    "sendgrid",
  ]);
  for (const [provider, all] of Object.entries({ apns, web_push: vapid })) {
    for (const [name, value] of Object.entries(all)) deepEqual(of({ [name]: value }).providers, [provider]);
    for (const name of Object.keys(all)) deepEqual(of({ [name]: " " }).providers, []);
  }
  deepEqual(of({ EMAIL_FROM: email.EMAIL_FROM }).providers, []);
});

Deno.test("who is to send emails is passed on as it is set", () => {
  const one = (changes: Record<string, string>) => of({ ...email, ...changes }).email_provider;
  equal(one({}), null);
  equal(one({ EMAIL_PROVIDER: "SendGrid" }), "sendgrid");
  equal(one({ EMAIL_PROVIDER: "resend" }), "resend");
  equal(one({ EMAIL_PROVIDER: " " }), null);
});

Deno.test("addresses are tidied up, and dropped if they are none", () => {
  equal(of({ APP_URL: " https://app.example.org// " }).app_url, "https://app.example.org");
  for (const APP_URL of ["app.example.org", "javascript:alert(1)", ""]) equal(of({ APP_URL }).app_url, null);
  deepEqual(of({ WEB_PUSH_HOSTS: "127.0.0.1:9, ,Push.Example.org," }).web_push_hosts, [
    "127.0.0.1:9",
    "push.example.org",
  ]);
});
