/**
 * The service worker's first half: the app starts without the server.
 *
 * It keeps the modules, styles and the empty page of its own release, and nothing that anybody
 * wrote: messages are in the client's own database. Answers of the API are never touched.
 */
{
  /** @type {any} */
  const worker = self;
  /** @type {{ release: string, static: string, files: string[] }} */
  const { release, static: base, files } = worker.PARLEY;
  const CACHE_PREFIX = 'parley-shell-';
  const CACHE = `${CACHE_PREFIX}${release}`;
  const SHELL = '/shell';
  /** Addresses of the app itself; all others are the server's alone. */
  const APP = /^\/(?:$|people\/?$|settings\/notifications\/?$|c\/)/;
  /** For the other half, too. @param {string} address */
  const isApp = (address) => APP.test(new URL(address).pathname);
  worker.PARLEY.isApp = isApp;
  /** A page that takes longer than this is drawn from what is here. */
  const PAGE_TIMEOUT_MS = 3000;
  /** What a proxy says while the server is away. */
  const GATEWAY_ERRORS = [502, 503, 504];

  worker.addEventListener('install', (/** @type {any} */ event) => {
    event.waitUntil(cacheRelease().then(() => worker.skipWaiting()));
  });

  worker.addEventListener('activate', (/** @type {any} */ event) => {
    event.waitUntil(Promise.all([deleteOldReleases(), worker.registration.navigationPreload?.enable()]));
  });

  worker.addEventListener('message', (/** @type {any} */ event) => {
    if (event.data?.kind === 'sweep') event.waitUntil(deleteOldReleases());
  });

  worker.addEventListener('fetch', (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== location.origin) return;
    if (request.mode === 'navigate') {
      if (isApp(request.url)) event.respondWith(respondWithPage(event));
    } else if (url.pathname.startsWith('/static/')) {
      event.respondWith(respondWithFile(request, url));
    }
  });

  /** Fetch all of the release; what the pages have loaded already comes from the browser's cache. */
  async function cacheRelease() {
    const cache = await caches.open(CACHE);
    await cache.addAll(files);
    const page = await fetch(SHELL, { cache: 'reload' });
    // While servers change, one of another release may answer: then it is tried again later.
    if (!page.ok || !(await page.clone().text()).includes(`data-release="${release}"`)) throw new Error(SHELL);
    await cache.put(SHELL, page);
  }

  /** Remove releases that no open page is of: each page holds a lock with the name of its own. */
  async function deleteOldReleases() {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const used = new Set(held.map(({ name = '' }) => name.replace('parley-release-', CACHE_PREFIX)));
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHE_PREFIX) && name !== CACHE && !used.has(name)) await caches.delete(name);
    }
  }

  /**
   * The server's page; when it does not come, the empty one, which goes on from what is here.
   *
   * @param {any} event
   * @returns {Promise<Response>}
   */
  async function respondWithPage(event) {
    const asked = Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(event.request));
    const cachedShell = async () => (await caches.open(CACHE)).match(SHELL, { ignoreVary: true });
    const late = new Promise((resolve) => setTimeout(resolve, PAGE_TIMEOUT_MS));
    try {
      const answer = await Promise.race([asked, late]);
      if (answer && !GATEWAY_ERRORS.includes(answer.status)) return answer;
    } catch {
      const shell = await cachedShell();
      if (shell) return shell;
    }
    asked.catch(() => {});
    return (await cachedShell()) ?? asked;
  }

  /**
   * A file of a release is the same for ever. One of another release is that one's: it is found if
   * a page of it is still open, and never cachedShell here.
   *
   * @param {Request} request
   * @param {URL} url
   */
  async function respondWithFile(request, url) {
    const found = await caches.match(request, { ignoreVary: true });
    if (found) return found;
    const answer = await fetch(request);
    if (answer.ok && url.pathname.startsWith(base)) {
      const copy = answer.clone();
      await (await caches.open(CACHE)).put(request, copy).catch(() => {});
    }
    return answer;
  }
}
