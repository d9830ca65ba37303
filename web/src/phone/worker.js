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
