/**
 * Pages with a password: a button shows what was typed.
 *
 * @module
 */

const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-shows]'));
for (const button of buttons) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.shows ?? ''));
  const [show, hide] = [button.textContent, button.dataset.hide ?? ''];
  button.hidden = false;
  button.addEventListener('click', () => {
    const shows = field.type === 'password';
    field.type = shows ? 'text' : 'password';
    button.textContent = shows ? hide : show;
    field.focus();
  });
  // No browser keeps it among other texts that were typed.
  field.form?.addEventListener('submit', () => (field.type = 'password'));
}
