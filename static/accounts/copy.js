/**
 * Buttons with `data-copy` copy the text, or the value, of the element with that id.
 *
 * @module
 */

for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard || !(button instanceof HTMLButtonElement)) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const from = document.getElementById(button.dataset.copy ?? '');
    await navigator.clipboard.writeText((from instanceof HTMLInputElement ? from.value : from?.innerText) ?? '');
    button.textContent = button.dataset.done ?? '';
  });
}
