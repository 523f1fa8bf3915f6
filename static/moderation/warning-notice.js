/**
 * `<warning-notice>`: a moderator's warning to the reader. It stays open until it is acknowledged,
 * here or on another device, and comes back with the next page until then.
 *
 * @module
 */

/** @import { PersonWarning } from '../realtime/wire.js' */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

export class WarningNotice extends Dialog {
  /** Not acknowledged yet, the oldest first. @type {PersonWarning[]} */
  #warnings = [];
  #isOver = false;

  start() {
    super.start();
    this.listen(this.dialog, 'cancel', (event) => event.preventDefault());
    this.addCleanup(
      connect().watchMe(({ me }) => {
        this.#warnings = me.warnings ?? [];
        if (this.#warnings.length) this.update();
        else this.#end();
      }),
      connect().watchConnection(({ state }) => state === 'signed_out' && this.#end()),
    );
  }

  #end() {
    this.#isOver = true;
    this.close();
  }

  /** Neither Escape, a press beside it nor another page closes it. */
  close() {
    if (this.#isOver) super.close();
  }

  async #acknowledge() {
    const [warning] = this.#warnings;
    if (warning) await this.run(() => connect().request('acknowledge', warning.id));
  }

  heading() {
    return t('A moderator warns you');
  }

  content() {
    const [warning] = this.#warnings;
    return warning ? this.#warningView(warning) : nothing;
  }

  /** @param {PersonWarning} warning */
  #warningView({ text, chat, seq, at }) {
    return html`<div class="dialog-form">
      <p class="said" dir="auto">${text}</p>
      <p class="field-hint">${fullDate(at)}${chat && seq ? html` · <a href="/c/${chat}/at/${seq}" target="_blank">${t('The message it is about')}</a>` : nothing}</p>
      <p class="field-hint">${t('You find it later under “My reports” in your menu.')}</p>
      ${errorView(this.error)}
      <div class="panel-buttons"><button class="btn" @click=${this.#acknowledge}>${t('I have read this')}</button></div>
    </div>`;
  }

  /** As that of other dialogs, without a button that closes it. */
  view() {
    return html`<dialog class="dialog" aria-labelledby="dialog-title"><div class="dialog-in">
      <header class="dialog-top"><h2 id="dialog-title" tabindex="-1">${this.heading()}</h2></header>
      ${this.content()}
    </div></dialog>`;
  }
}

customElements.define('warning-notice', WarningNotice);

/** Show the reader's warnings, if they are not shown already. */
export function showWarnings() {
  if (!document.querySelector('warning-notice')) openDialog('warning-notice', {});
}
