/**
 * The colour theme: the system's, unless the person chose another in this browser.
 *
 * A classic script in the head, so that the first paint has the right colours. Any radio button
 * named `theme` (values `system`, `light`, `dark`) switches it; all open tabs follow.
 */
(() => {
  const KEY = 'parley.theme';
  const CHOICES = ['light', 'dark'];
  /** Of the bar around the app: the tokens' paper, as in templates/base.html.
   * @type {Record<string, string>} */
  const BAR = { light: '#F7F5F0', dark: '#131819' };

  /** @returns {string} */
  function chosen() {
    try {
      return localStorage.getItem(KEY) ?? 'system';
    } catch {
      return 'system';
    }
  }

  /** @param {string} theme */
  function show(theme) {
    if (CHOICES.includes(theme)) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll('meta[name="theme-color"]'))) {
      meta.content = BAR[theme] ?? BAR[meta.media.includes('dark') ? 'dark' : 'light'];
    }
  }

  show(chosen());
  addEventListener('storage', (event) => {
    if (event.key === KEY) show(chosen());
  });
  document.addEventListener('change', (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.name !== 'theme') return;
    try {
      localStorage.setItem(KEY, input.value);
    } catch {
      // Storage is unavailable (private window): the choice lasts for this page.
    }
    show(input.value);
  });
  document.addEventListener('DOMContentLoaded', () => {
    for (const input of document.querySelectorAll('input[name="theme"]')) {
      if (input instanceof HTMLInputElement) input.checked = input.value === chosen();
    }
  });
})();
