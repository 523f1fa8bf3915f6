/**
 * Forms with `data-passkey` ask the browser for a passkey, then send its response in the field
 * `credential`. They stay hidden in browsers that cannot.
 *
 * @module
 */

const can = 'parseRequestOptionsFromJSON' in (globalThis.PublicKeyCredential ?? {});

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<any>} the options, as JSON: in the page, or fetched when they are needed
 */
async function optionsOf(form) {
  if (form.dataset.options) return JSON.parse(form.dataset.options);
  const response = await fetch(form.action, { headers: { Accept: 'application/json' } });
  return (await response.json()).request_options.publicKey;
}

/**
 * @param {HTMLFormElement} form
 * @returns {Promise<string>} the browser's response, as JSON
 */
async function ask(form) {
  const options = await optionsOf(form);
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({
          publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        })
      : await navigator.credentials.get({
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
  return JSON.stringify(credential);
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!can || !(form instanceof HTMLFormElement)) continue;
  const failed = /** @type {HTMLElement} */ (form.querySelector('[data-failed]'));
  form.hidden = false;
  /** @type {HTMLElement?} */ (form.querySelector('[autofocus]'))?.focus();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    failed.hidden = true;
    ask(form).then(
      (response) => {
        /** @type {HTMLInputElement} */ (form.elements.namedItem('credential')).value = response;
        form.submit();
      },
      () => {
        failed.hidden = false;
      },
    );
  });
}
for (const one of document.querySelectorAll('[data-no-passkeys]')) one.toggleAttribute('hidden', can);
