// Runs in the browser without a page: shows what the centre pushed, and opens the page of the hall when it is pressed.
// It sees no page and answers no request: its scope is the folder of static files.
(() => {
  "use strict";

  self.addEventListener("push", (event) => {
    const told = event.data ? event.data.json() : {};
    if (!told.title) return;
    const options = { body: told.body, tag: told.tag, data: told.open, renotify: true, requireInteraction: true };
    event.waitUntil(self.registration.showNotification(told.title, options));
  });

  self.addEventListener("notificationclick", (event) => {
    event.notification.close();
    const address = new URL(event.notification.data || "/hall", self.location.origin);
    if (address.origin !== self.location.origin) return;
    const open = async () => {
      const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      const page = pages.find((each) => new URL(each.url).pathname === address.pathname);
      return page ? page.focus() : self.clients.openWindow(address.href);
    };
    event.waitUntil(open());
  });
})();
