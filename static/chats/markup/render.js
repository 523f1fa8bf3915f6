/**
 * Templates of parsed markup. Text becomes text nodes and links only, never HTML.
 *
 * @module
 */

/** @import { Row } from '../../realtime/contract.js' */
/** @import { Person } from '../../realtime/wire.js' */
/** @import { Block, Inline, Link, ListItem, Mentions } from './parse.js' */

import { icon } from '../../shell/icon.js';
import { View, html, nothing } from '../../shell/view.js';
import { t } from '../../shell/words.js';
import { shownAddress } from './addresses.js';
import { customEmoji } from './custom.js';
import { parse, parseLine, parseMentions } from './parse.js';

/** A whole message. @param {string} text @param {Mentions} [mentions] */
export function renderText(text, mentions) {
  return parse(text, mentions).map(renderBlock);
}

/** @param {Block} block @returns {unknown} */
function renderBlock(block) {
  if (block.kind === 'text') return block.nodes.map(renderInline);
  if (block.kind === 'pre') return html`<code-block .program=${block.text} .language=${block.language}></code-block>`;
  if (block.kind === 'quote') return html`<blockquote dir="auto">${block.blocks.map(renderBlock)}</blockquote>`;
  const items = block.items.map(renderItem);
  return block.items[0].number === null ? html`<ul dir="auto">${items}</ul>` : html`<ol dir="auto">${items}</ol>`;
}

/** @param {ListItem} item */
const renderItem = ({ number, blocks }) =>
  html`<li value=${number ?? nothing}>${blocks.map(renderBlock)}</li>`;

/** The start of a message on one line. Without links, because it is shown inside one, and with custom
 * emoji by their names.
 * @param {string} text */
export function renderLine(text) {
  return parseLine(text).map(renderWithoutLink);
}

/** @param {Inline} node @returns {unknown} */
const renderWithoutLink = (node) =>
  typeof node === 'object' && node.kind === 'link'
    ? html`<bdi>${node.nodes.map(renderWithoutLink)}</bdi>`
    : renderNode(node, renderWithoutLink);

/** A text with highlighted @names and no other markup; shown inside a link. @param {string} text
 * @param {Mentions} mentions */
export const renderMentions = (text, mentions) => parseMentions(text, mentions).map(renderWithoutLink);

/** A name opens the person's card (`shell/app.js`). @param {Inline} node @returns {unknown} */
const renderInline = (node) =>
  typeof node === 'string'
    ? customEmoji.drawn(node)
    : node.kind === 'mention' && node.id
      ? html`<span class="mention ${node.me ? 'mention-me' : ''}" role="button" tabindex="-1" data-card=${node.id}>@<bdi>${node.text}</bdi></span>`
      : renderNode(node, renderInline);

/**
 * @param {Inline} node
 * @param {(node: Inline) => unknown} inside draws what is in it
 * @returns {unknown}
 */
function renderNode(node, inside) {
  if (typeof node === 'string') return node;
  if (node.kind === 'code') return html`<code>${node.text}</code>`;
  if (node.kind === 'mention') {
    return html`<span class="mention ${node.me ? 'mention-me' : ''}">@<bdi>${node.text}</bdi></span>`;
  }
  // No emoji in an address.
  const content = node.kind === 'link' && !node.named ? node.nodes.map(renderWithoutLink) : node.nodes.map(inside);
  if (node.kind === 'bold') return html`<strong>${content}</strong>`;
  if (node.kind === 'italic') return html`<em>${content}</em>`;
  if (node.kind === 'link') return linkView(node, content);
  return html`<s>${content}</s>`;
}

/** @param {Link} link @param {unknown[]} content */
function linkView({ address, named }, content) {
  if (address.startsWith('mailto:')) return html`<a href=${address} dir="ltr" tabindex="-1">${content}</a>`;
  return html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow" dir=${named ? 'auto' : 'ltr'}
    title=${named ? shownAddress(address) : nothing} tabindex="-1">${content}</a>`;
}

/**
 * The people that the @names of a row refer to: those that the server found; before the message is
 * sent, everybody known here.
 *
 * @param {Pick<Row, 'text' | 'mentions'> & Partial<Row>} row
 * @param {Record<string, Person>} people
 * @returns {Mentions}
 */
export function mentionsOf({ text, state = 'sent', mentions, mentions_all }, people) {
  /** @type {Mentions} */
  const found = new Map();
  if (!text.includes('@')) return found;
  const me = document.body.dataset.person;
  for (const id of state === 'sent' ? mentions : Object.keys(people)) {
    const person = people[id];
    if (person) found.set(person.username.toLowerCase(), { name: person.name, me: id === me, id });
  }
  if (mentions_all) found.set('all', { name: t('all'), me: true });
  return found;
}

/** The syntax highlighter; null until it is loaded.
 * @type {typeof import('../highlight.js') | null} */
let highlighter = null;
const COPIED_MS = 2000;

/** `<code-block>`: a program. Highlighting comes later and does not change its size. */
class CodeBlock extends View {
  #program = '';
  language = '';
  #copied = false;

  /** @param {string} text */
  set program(text) {
    this.#program = text;
    // Draw at once: the timeline measures heights right after drawing its rows.
    if (this.isConnected) this.draw();
  }

  start() {
    this.draw();
    if (!this.language || highlighter) return;
    import('../highlight.js').then(
      (module) => {
        highlighter = module;
        this.update();
      },
      () => {},
    );
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#program);
    } catch {
      return; // the browser refused and told the reader
    }
    this.#copied = true;
    this.update();
    setTimeout(() => {
      this.#copied = false;
      this.update();
    }, COPIED_MS);
  }

  view() {
    const words = this.#copied ? t('Copied') : t('Copy');
    return html`<pre><code>${highlighter?.highlighted(this.#program, this.language) ?? this.#program}</code></pre>
      <button class="tool code-copy" tabindex="-1" aria-label=${words} title=${words} @click=${this.#copy}>${icon(
        this.#copied ? 'check' : 'copy',
        { size: '16' },
      )}</button>`;
  }
}

customElements.define('code-block', CodeBlock);
