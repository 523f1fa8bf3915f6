import { html, nothing } from '../vendor/lit-html/lit-html.js';

const SPRITE = new URL('../vendor/phosphor/sprite.svg', import.meta.url).href;

/**
 * An icon of the sprite. Without `label` it is hidden from screen readers.
 *
 * @param {string} name
 * @param {{ size?: '' | '14' | '16', flip?: boolean, label?: string }} [how] `flip`: the icon
 *   has a direction, so mirror it in right-to-left pages
 */
export function icon(name, { size = '', flip = false, label = '' } = {}) {
  return html`<svg
    class="icon ${size && `icon-${size}`} ${flip ? 'icon-flip' : ''}"
    role=${label ? 'img' : nothing}
    aria-label=${label || nothing}
    aria-hidden=${label ? nothing : 'true'}
  ><use href="${SPRITE}#${name}"></use></svg>`;
}
