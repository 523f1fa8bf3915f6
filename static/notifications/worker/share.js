/**
 * The part of the service worker that takes what another app shares (manifest, `share_target`). It
 * is kept on this device until its person has chosen a chat: share/share-page.js, which reads the
 * same database (share/shared-store.js). It does not go to the server before that.
 *
 * Any website can post here, too. Nothing happens with it until somebody chooses a chat.
 */
{
  /** @type {any} */
  const worker = self;
  const { share } = worker.PARLEY;

  worker.addEventListener('fetch', (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== 'POST' || origin !== location.origin || pathname !== share.path) return;
    event.respondWith(
      take(request).then(
        (problem) => Response.redirect(share.path + (problem && `?problem=${problem}`), 303),
        () => Response.redirect(`${share.path}?problem=lost`, 303),
      ),
    );
  });

  /**
   * @param {Request} request
   * @returns {Promise<string>} why it was not kept, or nothing
   */
  async function take(request) {
    const form = await request.formData();
    const files = form.getAll('files').filter((one) => one instanceof File && (one.size || one.name));
    const [title, text, url] = ['title', 'text', 'url'].map((name) => String(form.get(name) ?? '').trim());
    const size = new Blob([title, text, url, .../** @type {File[]} */ (files)]).size;
    if (size > share.bytes) return 'large';
    if (size || files.length) await store({ title, text, url, files, at: Date.now() });
    return '';
  }

  /** @param {object} shared */
  async function store(shared) {
    const opening = indexedDB.open(share.database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('shared', { autoIncrement: true });
    const db = /** @type {IDBDatabase} */ (await settled(opening));
    try {
      const tx = db.transaction('shared', 'readwrite');
      tx.objectStore('shared').add(shared);
      await new Promise((resolve, reject) => {
        tx.oncomplete = resolve;
        tx.onabort = () => reject(tx.error);
      });
    } finally {
      db.close();
    }
  }

  /** @param {IDBRequest} request */
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
}
