// Keeps the page and its parts on the phone, so that it opens without a network. Nothing that the API says is kept here.
const KEPT = "{name}";
const PARTS = {parts};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(PARTS)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/assets/")) event.respondWith(caches.match(event.request).then((found) => found ?? fetch(event.request)));
  else if (event.request.mode === "navigate" || PARTS.includes(pathname))
    event.respondWith(fetch(event.request).catch(() => caches.match(pathname).then((found) => found ?? caches.match("/phone"))));
});

// Woken by the server while no page is open; the words are those that the server sent, without a name or a diagnosis.
self.addEventListener("push", (event) => {
  const { text } = event.data?.json() ?? {};
  const told = { body: text, tag: "linli-call", renotify: true, requireInteraction: true, icon: "/phone-icon.svg" };
  event.waitUntil(self.registration.showNotification("Linli 邻里", told));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = self.clients.matchAll({ type: "window" }).then((pages) => pages.find(({ url }) => new URL(url).pathname === "/phone"));
  event.waitUntil(open.then((page) => (page ? page.focus() : self.clients.openWindow("/phone"))));
});
