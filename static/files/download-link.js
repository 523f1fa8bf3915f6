import { icon } from '../shell/icon.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { contentAddress } from './file-texts.js';

/**
 * The button that downloads a file.
 *
 * @param {{ id: string, name: string }} file
 * @param {{ variant?: string, className?: string }} [options]
 */
export function downloadLink({ id, name }, { variant = 'original', className = '' } = {}) {
  return html`<a class="tool ${className}" href=${contentAddress(id, variant, true)} download=${name}
    aria-label=${t('Download {name}', { name })} title=${t('Download')}>${icon('download-simple')}</a>`;
}
