// The service worker of notifications: shows pushes, and opens what they are about.
self.addEventListener("push", (event) => {
  const { title, body, link, notification_id } = event.data.json();
  event.waitUntil(self.registration.showNotification(title, { body, tag: notification_id, data: { link } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.link));
});

/** In a window of the app that is open already, if there is one. */
async function open(link) {
  const url = new URL(link ?? "/", self.location.origin);
  if (url.origin !== self.location.origin) return;
  const [window] = await self.clients.matchAll({ type: "window" });
  if (!window) return await self.clients.openWindow(url.href);
  await window.focus();
  await window.navigate(url.href);
}
