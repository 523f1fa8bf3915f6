/**
 * Fetches the list of files of the page *Your files* again, and what they take.
 *
 * @module
 */

const PARTS = ['own-files', 'own-space'];
const TIMEOUT_MS = 15_000;

/** Show the newest list. While a form in it is open, wait until that is closed. */
export async function refresh() {
  const list = document.getElementById('own-files');
  if (!list) return;
  const open = list.querySelector('details[open]');
  if (open) {
    open.addEventListener('toggle', () => void refresh(), { once: true });
    return;
  }
  const page = await fetchPage().catch(() => null);
  // Opened meanwhile: the form stays.
  if (!page || document.querySelector('#own-files details[open]')) return;
  const focused = document.activeElement?.id;
  for (const id of PARTS) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(document.adoptNode(fresh));
  }
  if (focused) document.getElementById(focused)?.focus();
}

/** This page as a document: the browser parses the response. @returns {Promise<Document | null>} */
function fetchPage() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.timeout = TIMEOUT_MS;
    request.onload = () => resolve(request.status === 200 ? request.responseXML : null);
    request.onerror = request.ontimeout = reject;
    request.send();
  });
}
