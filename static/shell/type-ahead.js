import { isComposing } from './keys.js';
import { t } from './words.js';

/**
 * Takes what is typed while that is still being fetched in which it shall stand.
 *
 * @returns {{ end: () => Typed }} `end`: the focus is where it was before
 *
 * @typedef {{ text: string, entered: boolean }} Typed `entered`: Enter was pressed after it
 */
export function typeAhead() {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement('input');
  let entered = false;
  field.className = 'aside type-ahead';
  field.ariaLabel = t('Search');
  field.addEventListener('keydown', (event) => {
    const { key } = event;
    if (isComposing(event)) entered = false;
    else if (key === 'Enter') entered = true;
    else if (key.length === 1) entered = false;
  });
  document.body.append(field);
  field.focus({ preventScroll: true });
  return {
    end() {
      const text = field.value;
      before?.focus({ preventScroll: true });
      field.remove();
      return { text, entered };
    },
  };
}
