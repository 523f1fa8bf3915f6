/**
 * Who was last here, on the page that was kept for being offline: it names nobody itself.
 *
 * A classic script before the modules, so that these find what any page of the app says.
 */
(() => {
  /** @type {{ person?: string, csrf?: string }} */
  let known = {};
  try {
    known = JSON.parse(localStorage.getItem('parley.known') ?? '{}');
  } catch {
    // Storage is refused, or holds something else: nobody is known.
  }
  if (known.person) Object.assign(document.body.dataset, { person: known.person, csrf: known.csrf ?? '' });
  // Nobody to show anything of: the way in, which needs the server.
  else location.replace(document.body.dataset.login ?? '/');
})();
