import { t } from '../shell/words.js';
import { sizeText } from './file-texts.js';

/** The row of one upload on the page *Your files*: progress, or why it failed. */
export class UploadRow {
  element = element('li', 'row-item');
  #text = element('div', 'row-text');
  #more = element('span', 'row-more');
  #bar = /** @type {HTMLProgressElement} */ (element('progress', 'upload-progress'));
  #buttons = element('div', 'row-buttons');
  #name;

  /** @param {string} name @param {number} size in bytes */
  constructor(name, size) {
    this.#name = name;
    const title = element('span', 'row-name', name);
    title.dir = 'auto';
    this.#bar.max = size;
    this.#bar.setAttribute('aria-label', t('Upload of {name}', { name }));
    this.#text.append(title, this.#more);
    this.element.append(this.#text, this.#buttons);
  }

  /** @param {() => void} cancel */
  wait(cancel) {
    this.#more.className = 'row-more';
    this.#more.removeAttribute('role');
    this.#bar.value = 0;
    this.#more.textContent = t('Waiting');
    this.#text.append(this.#bar);
    this.#buttons.replaceChildren(
      button(t('Cancel'), t('Cancel the upload of {name}', { name: this.#name }), cancel),
    );
  }

  /** @param {number} sent bytes that the server has */
  progress(sent) {
    this.#bar.value = sent;
    const values = { sent: sizeText(sent), size: sizeText(this.#bar.max) };
    this.#more.textContent = t('{sent} of {size}', values);
  }

  /** All bytes are at the server. */
  process() {
    this.#bar.removeAttribute('value');
    this.#more.textContent = t('The server prepares the file.');
  }

  /** @param {string} reason in the reader's words @param {() => void} [retry] if that may help */
  fail(reason, retry) {
    this.#bar.remove();
    this.#more.className = 'error';
    this.#more.setAttribute('role', 'alert');
    this.#more.textContent = reason;
    const name = this.#name;
    const again = retry && button(t('Try again'), t('Upload {name} again', { name }), retry);
    const dismiss = button(t('Dismiss'), t('Dismiss {name}', { name }), () => this.remove());
    this.#buttons.replaceChildren(...(again ? [again] : []), dismiss);
  }

  /** The keyboard goes on at the choice of files if it was here. */
  remove() {
    const hadFocus = this.element.contains(document.activeElement);
    this.element.remove();
    if (hadFocus) document.getElementById('choose')?.focus();
  }
}

/** @param {string} tag @param {string} className @param {string} [text] */
function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {string} text @param {string} label @param {() => void} press */
function button(text, label, press) {
  const made = /** @type {HTMLButtonElement} */ (element('button', 'btn btn-quiet btn-small', text));
  made.type = 'button';
  made.setAttribute('aria-label', label);
  made.addEventListener('click', press);
  return made;
}
