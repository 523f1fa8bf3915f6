/**
 * The document of the API: names the list of servers, which the library draws without a name.
 *
 * A classic script, like those of the library.
 */
new MutationObserver(() => {
  for (const list of document.querySelectorAll('select#servers:not([aria-label])')) list.ariaLabel = 'Server';
}).observe(document.body, { childList: true, subtree: true });
