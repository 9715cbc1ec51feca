/** A design system can replace each element of the components. */
import assert from "node:assert/strict";
import { ROOT } from "../../local/tools/paths.ts";

/** Renders each state on the server, where all that is shown comes from the cache. Runs in Node.js, as an app's server does. */
const PROGRAM = `
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { Bell, Inbox, NotificationsProvider, Preferences } from "@suplatzigram/notifications";

const names = ["Button", "Switch", "Field", "Select", "BellIcon", "Badge", "Item", "Empty", "Loading", "Failure"];
const slots = Object.fromEntries(names.map((name) => [name, ({ children, label, notification }) =>
  h("x-slot", { name }, label ?? null, notification?.body ?? null, typeof children === "object" ? children : String(children ?? ""))]));
const item = { id: "1", type: "new_like", title: "t", body: "<b>Ana</b>", url: "/p", data: {}, actor_count: 1, is_read: false,
  created_at: "2026-01-01T00:00:00Z", updated_at: "2026-01-01T00:00:00Z" };
const page = (items) => ({ pages: [{ items, next: null }], pageParams: [null] });
const preferences = { language: "en", time_zone: "UTC", quiet_from: "22:00", quiet_until: "07:00",
  push_notifications: true, email_notifications: true };
const client = { rpc() { throw new Error("the server asks for nothing"); } };

function rendered(part, fill) {
  const queries = new QueryClient({ defaultOptions: { queries: { retryOnMount: false } } });
  fill((name, data) => queries.setQueryData(["notifications", "me", ...name], data), queries);
  return renderToString(h(QueryClientProvider, { client: queries },
    h(NotificationsProvider, { client, person: "me", realtime: false, slots }, h(part))));
}

const states = {
  bell: rendered(Bell, (set) => set(["unread"], 120)),
  list: rendered(Inbox, (set) => set(["list", "all"], page([item]))),
  empty: rendered(Inbox, (set) => set(["list", "all"], page([]))),
  loading: rendered(Inbox, () => {}),
  failed: rendered(Inbox, (_set, queries) => queries.getQueryCache().build(queries, {
    queryKey: ["notifications", "me", "list", "all"] }).setState({ status: "error", error: new Error("down"), fetchStatus: "idle" })),
  preferences: rendered(Preferences, (set) => set(["preferences"], preferences)),
};
console.log(JSON.stringify({ names, states }));
`;

Deno.test("each slot takes the place of the element of its name, and of no other", async () => {
  const { success, stdout, stderr } = await new Deno.Command("node", {
    args: ["--input-type=module", "-e", PROGRAM],
    cwd: `${ROOT}/web/demo`,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { names, states }: { names: string[]; states: Record<string, string> } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const slotsOf = (html: string) => new Set([...html.matchAll(/<x-slot name="(\w+)"/g)].map(([, name]) => name!));
  const used = Object.fromEntries(Object.entries(states).map(([state, html]) => [state, [...slotsOf(html)].sort()]));
  assert.deepEqual(used, {
    bell: ["Badge", "BellIcon", "Button"],
    list: ["Button", "Item"],
    empty: ["Button", "Empty"],
    loading: ["Button", "Loading"],
    failed: ["Button", "Failure"],
    preferences: ["Field", "Select", "Switch"],
  });
  assert.deepEqual(new Set(Object.values(used).flat()), new Set(names));
  assert.match(states.bell!, /<x-slot name="Badge">99\+<\/x-slot>/);
  assert.match(states.list!, /<x-slot name="Item">&lt;b&gt;Ana&lt;\/b&gt;/);
  // Only the tabs, which have a pattern of their own, are ours.
  for (const [state, html] of Object.entries(states)) {
    assert.doesNotMatch(html, /<(input(?! type="time")|select|svg|img)/, state);
    assert.doesNotMatch(html.replaceAll(/<button[^>]* role="tab"/g, ""), /<button/, state);
  }
});
