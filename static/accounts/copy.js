/**
 * Buttons with `data-copy` copy the text of the element with that id.
 *
 * @module
 */

for (const button of document.querySelectorAll('button[data-copy]')) {
  if (!navigator.clipboard || !(button instanceof HTMLButtonElement)) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy ?? '')?.innerText ?? '');
    button.textContent = button.dataset.done ?? '';
  });
}
