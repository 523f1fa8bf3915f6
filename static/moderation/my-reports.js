/**
 * `<my-reports>`: what the reader has reported, and what became of it; and the warnings they got.
 *
 * @module
 */

/** @import { PersonWarning, Report } from '../realtime/wire.js' */

import { errorView } from '../chats/error-text.js';
import { chatTitle } from '../chats/list.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate, shortDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { REASONS, stateText } from './labels.js';

export class MyReports extends Dialog {
  /** @type {Report[] | null} null: not loaded yet */
  #reports = null;
  /** @type {PersonWarning[]} */
  #warnings = [];
  /** The change that was known last, as JSON. @type {string | undefined} */
  #seen;
  /** @type {string | null} cursor of the next page */
  #next = null;
  /** Names of the reported people, and of chats, by id. @type {Record<string, string>} */
  #names = {};

  start() {
    super.start();
    this.addCleanup(
      connect().watchChats((chats) => {
        for (const chat of chats) this.#names[chat.id] = chatTitle(chat);
        this.update();
      }),
    );
    this.addCleanup(
      connect().watchMe(({ me, report }) => {
        // Who sees the list has seen the decisions in it.
        if (me.report_decided) connect().request('reportsSeen').catch(() => {});
        this.#changed(report);
      }),
    );
    void this.#load();
  }

  /** A moderator took it up or decided it. What is older than the list is in it already.
   * @param {Report | null} report */
  #changed(report) {
    const words = JSON.stringify(report);
    const isFirst = this.#seen === undefined;
    if (words === this.#seen) return;
    this.#seen = words;
    if (isFirst || !report) return;
    this.#reports = this.#reports?.map((each) => (each.id === report.id ? report : each)) ?? null;
    this.update();
  }

  heading() {
    return t('My reports');
  }

  async #load() {
    await this.run(async () => {
      const { items, next } = await connect().request('reports', this.#next);
      if (!this.#reports) this.#warnings = (await connect().request('warnings')).items;
      this.#reports = [...(this.#reports ?? []), ...items];
      this.#next = next;
      const people = await connect().request('named', items.flatMap(({ person }) => person ?? []));
      for (const { id, name } of Object.values(people)) this.#names[id] = name;
    });
  }

  content() {
    const reports = this.#reports;
    return html`${reports?.length === 0
        ? html`<p class="people-none">${t('You have reported nothing. To report a message, choose “Report…” in its menu.')}</p>`
        : html`<ul role="list">${repeat(
            reports ?? [],
            ({ id }) => id,
            (report) => this.#report(report),
          )}</ul>`}
      ${this.#warnings.length ? this.#warningsView() : nothing}
      ${errorView(this.error)}
      ${this.error || this.#next
        ? html`<button class="btn btn-small btn-quiet" @click=${this.#load}>${this.error ? t('Try again') : t('More')}</button>`
        : nothing}`;
  }

  #warningsView() {
    return html`<h3 class="people-head">${t('Warnings by moderators')}</h3>
      <ul role="list">${this.#warnings.map(
        ({ id, text, chat, seq, at }) => html`<li class="summary" data-warning=${id}>
          <div class="summary-top"><b class="row-who">${
            chat && seq ? html`<a href="/c/${chat}/at/${seq}">${t('About a message of yours')}</a>` : t('A warning')
          }</b><time class="summary-time" datetime=${at} title=${fullDate(at)}>${shortDate(at)}</time></div>
          <p class="said" dir="auto">${text}</p>
        </li>`,
      )}</ul>`;
  }

  /** @param {Report} report */
  #report(report) {
    const { id, reason, created_at: at, answer } = report;
    return html`<li class="summary" data-report=${id}>
      <div class="summary-top"><b class="row-who">${this.#what(report)}</b>
        <time class="summary-time" datetime=${at} title=${fullDate(at)}>${shortDate(at)}</time></div>
      <p class="field-hint">${REASONS[reason]()}</p>
      <p>${stateText(report)}</p>
      ${answer ? html`<p class="said" dir="auto">${answer}</p>` : nothing}
    </li>`;
  }

  /** @param {Report} report */
  #what({ kind, chat, seq, person }) {
    const name = this.#names[(kind === 'chat' ? chat : person) ?? ''] ?? '';
    if (kind === 'chat') return name ? t('The group “{title}”', { title: name }) : t('A group');
    if (kind === 'person') return name || t('A person');
    const words = name ? t('A message of {name}', { name }) : t('A message');
    return chat && chat in this.#names ? html`<a href="/c/${chat}/at/${seq}">${words}</a>` : words;
  }
}

customElements.define('my-reports', MyReports);

export const openMyReports = () => openDialog('my-reports', {});
