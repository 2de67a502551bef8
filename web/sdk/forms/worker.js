// Keeps a quick-capture page at hand for when there is no network: the page itself and its script, never an
// answer. What is new is taken whenever it can be had.
const kept = "fiducia-forms-1";
const files = ["/sdk/form.js", "/f/page.css"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll(files)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const page = event.request.mode === "navigate" && url.pathname.startsWith("/f/");
  if (event.request.method !== "GET" || url.origin !== location.origin || !(page || files.includes(url.pathname))) return;
  // All forms have the same page.
  const key = page ? "/f/page" : url.pathname;
  event.respondWith(
    fetch(event.request)
      .then(async (answer) => {
        if (answer.ok) await (await caches.open(kept)).put(key, answer.clone());
        return answer;
      })
      .catch(async () => (await (await caches.open(kept)).match(key)) ?? Response.error()),
  );
});
