/**
 * The offline half of the service worker: lets the app start without the server.
 *
 * It caches the modules, the styles and the empty page of its release, and no messages: those are
 * in the client's own database. Responses of the API are never touched.
 */
{
  /** @type {any} */
  const worker = self;
  /** @type {{ release: string, static: string, files: string[] }} */
  const { release, static: base, files } = worker.PARLEY;
  const CACHE_PREFIX = 'parley-shell-';
  const CACHE = `${CACHE_PREFIX}${release}`;
  const SHELL = '/shell';
  /** Paths of the app; other pages need the server. */
  const APP = /^\/(?:$|people\/?$|share\/?$|settings\/notifications\/?$|c\/)/;
  /** Contents, of any size: a worker would not live as long as their download. */
  const CONTENT = /^\/(?:api\/|settings\/data\/.)/;
  /** Used by `pushes.js`, too. @param {string} address */
  const isApp = (address) => APP.test(new URL(address).pathname);
  worker.PARLEY.isApp = isApp;
  /** After this time the cached page is used. */
  const PAGE_TIMEOUT_MS = 3000;
  /** Statuses of a proxy whose server is down. */
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
      else if (!CONTENT.test(url.pathname)) event.respondWith(respondOnce(event));
    } else if (url.pathname.startsWith('/static/')) {
      event.respondWith(respondWithFile(request, url));
    }
  });

  /**
   * Cache all files of the release. Those that pages have loaded come from the browser's HTTP
   * cache.
   */
  async function cacheRelease() {
    const cache = await caches.open(CACHE);
    await cache.addAll(files);
    const page = await fetch(SHELL, { cache: 'reload' });
    // During a deployment a server of another release may answer: fail, and the browser retries
    // later.
    if (!page.ok || !(await page.clone().text()).includes(`data-release="${release}"`)) throw new Error(SHELL);
    await cache.put(SHELL, page);
  }

  /**
   * Delete caches of releases that no open page uses: each page holds a lock named after its
   * release.
   */
  async function deleteOldReleases() {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const used = new Set(held.map(({ name = '' }) => name.replace('parley-release-', CACHE_PREFIX)));
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHE_PREFIX) && name !== CACHE && !used.has(name)) await caches.delete(name);
    }
  }

  /**
   * The server's page, requested once. If this were left to the browser, it would request the page
   * again after the preload, and a text that is shown once would be lost with the preload.
   *
   * @param {any} event
   * @returns {Promise<Response>}
   */
  async function respondOnce(event) {
    return (await event.preloadResponse) ?? fetch(event.request);
  }

  /**
   * The server's page; the cached empty page when the server does not respond.
   *
   * @param {any} event
   * @returns {Promise<Response>}
   */
  async function respondWithPage(event) {
    const asked = respondOnce(event);
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
   * A file of a release never changes, so the cache comes first. Files of other releases are served
   * from their own cache, if it still exists, and never stored in this one.
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
