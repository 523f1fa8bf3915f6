/**
 * Views of what a search found: people, chats, messages.
 *
 * @module
 */

/** @import { FoundPerson } from '../realtime/request-types.js' */
/** @import { Chat, File, Person } from '../realtime/wire.js' */
/** @import { Mentions } from '../chats/markup/parse.js' */
/** @import { SearchHit } from './api.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { fileLabel, fileSign } from '../chats/describe.js';
import { chatAvatar, chatTitle } from '../chats/list.js';
import { mentionsOf, renderMentions } from '../chats/markup/render.js';
import { policy } from '../files/data-saver.js';
import { contentAddress } from '../files/file-texts.js';
import { chooseVariant } from '../files/variants.js';
import { connect } from '../realtime/client.js';
import { shortDate, fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { fileHits, foundFiles } from './file-hits.js';

const THUMBNAIL_PX = 40;

/** @template T @param {string} words @param {T[]} found @param {(one: T) => unknown} view */
export function part(words, found, view) {
  if (!found.length) return nothing;
  return html`<section aria-label=${words}><h3 class="people-head">${words}</h3>
    <ul role="list">${found.map((one) => html`<li>${view(one)}</li>`)}</ul></section>`;
}

/** @param {FoundPerson} found @param {(found: FoundPerson) => void} open */
export function personHit(found, open) {
  const { person } = found;
  return html`<button class="hit hit-person ${personColor(person.id)}" @click=${() => open(found)}>
    ${avatar(person)}
    <span><b><bdi>${person.name}</bdi></b> <span class="hit-more"><bdi>@${person.username}</bdi></span></span></button>`;
}

/** @param {Pick<Chat, 'id' | 'title' | 'person'> & { picture?: string | null }} chat */
export const chatHit = (chat) =>
  html`<a class="hit hit-person ${personColor(chat.person?.id ?? chat.id)}" href="/c/${chat.id}">${chatAvatar(chat)}<b><bdi>${chatTitle(chat)}</bdi></b></a>`;

/** @param {SearchHit} hit @param {Record<string, Person>} mentioned @param {string[]} words */
export function messageHit({ chat, message, sender, excerpt, highlights }, mentioned, words) {
  const { text, mentions: ids = [], mentions_all, files = [] } = message;
  const mentions = mentionsOf({ text, mentions: ids, mentions_all }, mentioned);
  const found = foundFiles(files, words, highlights.length > 0);
  const about = (connect().chats.value ?? []).find(({ id }) => id === chat);
  return html`<a class="hit ${sender ? personColor(sender.id) : ''}" href="/c/${chat}/at/${message.seq}">
    <span class="hit-top"><b class="row-who"><bdi>${sender?.id === connect().person ? t('You') : sender?.name || t('Somebody')}</bdi></b>
      ${about && about.person?.id !== sender?.id ? html`<bdi class="summary-chat">${chatTitle(about)}</bdi>` : nothing}
      <time class="summary-time" datetime=${message.at} title=${fullDate(message.at)}>${shortDate(message.at)}</time></span>
    ${thumbnail(files)}
    ${excerpt || !found.length ? html`<span class="hit-text" dir="auto">${excerptView(excerpt, files, marked(excerpt, highlights, mentions))}</span>` : nothing}
    ${fileHits(found, words)}</a>`;
}

/** As in the list of chats. @param {string} excerpt @param {File[]} files @param {unknown} words */
function excerptView(excerpt, files, words) {
  if (!files.length) return words;
  return excerpt ? html`${fileSign(files)} ${words}` : fileLabel(files);
}

/** The first picture of a message, unless the data saver holds pictures back. @param {File[]} files */
function thumbnail(files) {
  const picture = files.find(({ kind }) => kind === 'image');
  const { loads, saving } = policy();
  const size = Math.ceil(THUMBNAIL_PX * devicePixelRatio);
  const variant = picture && loads && chooseVariant(picture, { width: size, height: size }, saving);
  if (!variant) return nothing;
  return html`<img class="hit-picture" src=${contentAddress(picture.id, variant.name)} alt="" loading="lazy" width=${THUMBNAIL_PX} height=${THUMBNAIL_PX}>`;
}

/** @param {string} text @param {{ start: number, end: number }[]} ranges in order
 * @param {Mentions} mentions */
function marked(text, ranges, mentions) {
  const parts = [];
  let from = 0;
  for (const { start, end } of ranges) {
    parts.push(renderMentions(text.slice(from, start), mentions), html`<mark>${text.slice(start, end)}</mark>`);
    from = end;
  }
  parts.push(renderMentions(text.slice(from), mentions));
  return parts;
}
