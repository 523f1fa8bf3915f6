/**
 * Puts the last person's id into the offline page, which is cached without any personal data.
 *
 * A classic script before the modules, so that they find the same attributes as on any other page.
 */
(() => {
  /** @type {{ person?: string, csrf?: string }} */
  let known = {};
  try {
    known = JSON.parse(localStorage.getItem('parley.known') ?? '{}');
  } catch {
    // Storage is unavailable or holds something else: no person is known.
  }
  if (known.person) Object.assign(document.body.dataset, { person: known.person, csrf: known.csrf ?? '' });
  // Without a person there is nothing to show: go to the sign-in page, which needs the server.
  else location.replace(document.body.dataset.login ?? '/');
})();
