"""A browser whose databases have no space left."""

from playwright.sync_api import Page

KEEP_FULL = """async () => {
  const request = indexedDB.open('filler', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('all', { autoIncrement: true });
  const db = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const fill = async () => {
    for (let size = 65_536, error = null; size > 10; size = error ? size / 2 : size) {
      const tx = db.transaction('all', 'readwrite');
      tx.objectStore('all').add(crypto.getRandomValues(new Uint8Array(size)));
      error = await new Promise((resolve) => {
        tx.oncomplete = () => resolve(null);
        tx.onabort = () => resolve(tx.error);
      });
    }
  };
  const keepFull = async () => {
    while (!globalThis.stopped) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await fill();
    }
    db.close();
  };
  await fill();
  globalThis.full = keepFull();
}"""
STOP = """async () => {
  globalThis.stopped = true;
  await globalThis.full;
}"""


class Disk:
    """The quota of a browser in which no client has started yet: a small one."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._origin = origin
        self._limit(quotaSize=1_000_000)

    def fill(self) -> None:
        """Leave no space, until `empty`: a deleted database frees what it took some time later.
        What other databases free meanwhile is not theirs to use, either."""
        self.page.evaluate(KEEP_FULL)
        self._limit(quotaSize=1)

    def empty(self) -> None:
        """Make space again."""
        self.page.evaluate(STOP)
        self._limit()
        self.page.evaluate("() => void indexedDB.deleteDatabase('filler')")

    def _limit(self, **quota: int) -> None:
        self._session.send("Storage.overrideQuotaForOrigin", {"origin": self._origin, **quota})
