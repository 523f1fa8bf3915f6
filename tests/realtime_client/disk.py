"""A browser whose databases have no space left."""

from playwright.sync_api import Page

FILL = """async () => {
  const request = indexedDB.open('filler', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('all', { autoIncrement: true });
  const db = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  for (let size = 65_536, error = null; size > 10; size = error ? size / 2 : size) {
    const tx = db.transaction('all', 'readwrite');
    tx.objectStore('all').add(crypto.getRandomValues(new Uint8Array(size)));
    error = await new Promise((resolve) => {
      tx.oncomplete = () => resolve(null);
      tx.onabort = () => resolve(tx.error);
    });
  }
  db.close();
}"""


class Disk:
    """The quota of a browser in which no client has started yet: a small one."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._origin = origin
        self._limit(quotaSize=1_000_000)

    def fill(self) -> None:
        """Leave no space, until `empty`. The quota alone is noticed some time later; without it,
        what databases free would be theirs to use."""
        self.page.evaluate(FILL)
        self._limit(quotaSize=1)

    def empty(self) -> None:
        """Make space again."""
        self._limit()
        self.page.evaluate("() => void indexedDB.deleteDatabase('filler')")

    def _limit(self, **quota: int) -> None:
        self._session.send("Storage.overrideQuotaForOrigin", {"origin": self._origin, **quota})
