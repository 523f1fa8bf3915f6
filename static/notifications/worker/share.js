/**
 * The part of the service worker that takes what another app shares (manifest, `share_target`). It
 * is kept on this device until its person has chosen a chat: share/share-page.js, which reads the
 * same database (share/shared-store.js). It does not go to the server before that.
 *
 * A website can post here, too. Browsers name it in `Origin`, and the server refuses it; one that hides
 * itself there looks like another app. So only what came last is kept, up to a limit, and nothing happens
 * with it until somebody chooses a chat.
 */
{
  /** @type {any} */
  const worker = self;
  const { share } = worker.PARLEY;

  worker.addEventListener('fetch', (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== 'POST' || origin !== location.origin || pathname !== share.path) return;
    if (![null, 'null', location.origin].includes(request.headers.get('origin'))) return;
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
    const form = await formOf(request);
    if (!form) return 'large';
    const files = form.getAll('files').filter((one) => one instanceof File && (one.size || one.name));
    const [title, text, url] = ['title', 'text', 'url'].map((name) => String(form.get(name) ?? '').trim());
    if (title || text || url || files.length) await store({ title, text, url, files, at: Date.now() });
    return '';
  }

  /**
   * What is too large is not read to its end: a service worker does not see `Content-Length`.
   *
   * @param {Request} request
   * @returns {Promise<FormData | null>} null: it is too large
   */
  async function formOf(request) {
    let left = share.bytes;
    const counter = new TransformStream({
      transform(chunk, controller) {
        left -= chunk.byteLength;
        if (left < 0) throw new RangeError('too large');
        controller.enqueue(chunk);
      },
    });
    const body = /** @type {ReadableStream} */ (request.body).pipeThrough(counter);
    const headers = { 'Content-Type': request.headers.get('Content-Type') ?? '' };
    try {
      return await new Response(body, { headers }).formData();
    } catch (error) {
      if (left < 0) return null;
      throw error;
    }
  }

  /** In place of what came before. @param {object} shared */
  async function store(shared) {
    const opening = indexedDB.open(share.database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('shared', { autoIncrement: true });
    const db = /** @type {IDBDatabase} */ (await settled(opening));
    try {
      const tx = db.transaction('shared', 'readwrite');
      tx.objectStore('shared').clear();
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
