/**
 * The cards of a message that a program wrote. Loaded when the first one is shown, with its styles.
 *
 * @module
 */

/** @import { Card, CardField, CardLink, Person } from '../realtime/wire.js' */
/** @import { Mentions } from './markup/parse.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { renderText } from './markup/render.js';

/** @typedef {Card['parts'][number]} Part */

export { styled } from './program-styles.js';

/**
 * What cards show, in place of the text of their message.
 *
 * @param {Card[]} cards
 * @param {Mentions} [mentions] those of the message
 * @param {Record<string, Person>} [people] those who are known
 */
export const cardsView = (cards, mentions, people = {}) => html`<div class="program-cards">${cards.map(
  ({ color, parts }) => html`<div class="program-card">${color ? barView(color) : nothing}${parts.map((part) => partView(part, mentions, people))}</div>`,
)}</div>`;

/** The policy allows no styles in templates; the colour of a drawing is none. @param {string} color */
const barView = (color) =>
  html`<svg class="program-bar" aria-hidden="true"><rect width="100%" height="100%" fill=${color} /></svg>`;

/** @param {Part} part @param {Mentions | undefined} mentions @param {Record<string, Person>} people @returns {unknown} */
function partView(part, mentions, people) {
  switch (part.type) {
    case 'header':
      return html`<p class="program-header" dir="auto">${part.text}</p>`;
    case 'text':
      return html`<div class="program-text" dir="auto">${renderText(part.text, mentions)}</div>${
        part.image_url ? imageView(part.image_url, '') : nothing
      }`;
    case 'fields':
      return html`<dl class="program-fields">${part.fields.map((field) => fieldView(field, mentions))}</dl>`;
    case 'context':
      return html`<div class="program-context" dir="auto">${renderText(part.text, mentions)}</div>`;
    case 'image':
      return imageView(part.url, part.title || part.alt || '');
    case 'run': {
      const name = people[part.person]?.name ?? t('Somebody');
      return html`<p class="program-context" dir="auto">${t('{name} ran {command}', { name, command: part.command })}</p>`;
    }
    case 'divider':
      return html`<hr class="program-divider">`;
    case 'links':
      return html`<div class="program-links">${part.links.map(linkView)}</div>`;
    default:
      return nothing; // of a later version, whose text says it to older ones
  }
}

/** @param {CardField} field @param {Mentions} [mentions] */
const fieldView = ({ title, text, short = true }, mentions) => html`<div class="program-field ${short ? '' : 'program-wide'}">
  <dt dir="auto">${title}</dt><dd class="program-text" dir="auto">${renderText(text, mentions)}</dd></div>`;

/** A link: an image would be fetched from a stranger's server. @param {string} url @param {string} words */
const imageView = (url, words) => isWeb(url)
  ? html`<p class="program-image"><a href=${url} target="_blank" rel="noopener noreferrer nofollow" tabindex="-1"
      >${icon('image', { size: '16' })} <bdi>${words || t('Picture')}</bdi></a></p>`
  : nothing;

/** @param {CardLink} link */
const linkView = ({ text, url, style }) => isWeb(url)
  ? html`<a class="btn btn-small ${style === 'primary' ? '' : 'btn-quiet'} ${style === 'danger' ? 'btn-alert' : ''}" href=${url}
      target="_blank" rel="noopener noreferrer nofollow" tabindex="-1" title=${url}><bdi>${text}</bdi></a>`
  : nothing;

/** The server lets no other address through. @param {string} url */
const isWeb = (url) => /^https?:\/\//i.test(url);
