/**
 * Files that are dragged over a chat, or pasted.
 *
 * @module
 */

/** Each takes the files that are dropped on it, and on no other one within it: a thread lies in its
 * chat. */
export const DROP_AREAS = 'chat-room, .panel-thread';

/** @param {DataTransfer | null} data */
const hasFiles = (data) => data?.types.includes('Files') ?? false;

/**
 * Call back with dropped files, and whenever files begin or cease to hover over the target.
 *
 * @param {HTMLElement} target
 * @param {{ hovering: (is: boolean) => void, dropped: (files: File[]) => void }} callbacks
 * @returns {() => void} stops listening
 */
export function listenForDrops(target, { hovering, dropped }) {
  /** Elements under the pointer: one is entered before another is left. @type {Set<EventTarget | null>} */
  const entered = new Set();
  const end = () => {
    entered.clear();
    hovering(false);
  };
  /** @param {DragEvent} event */
  const handle = (event) => {
    const { type, dataTransfer, target: over } = event;
    if (!hasFiles(dataTransfer)) return;
    const area = elementOf(over)?.closest(DROP_AREAS);
    const isInside = target.contains(/** @type {Node} */ (over)) && (!area || area.contains(target));
    // Another listener may have said that it is taken.
    if (type === 'dragover' && dataTransfer && (isInside || !event.defaultPrevented)) {
      dataTransfer.dropEffect = isInside ? 'copy' : 'none';
    }
    // A file dropped elsewhere would replace the page.
    if (type !== 'dragleave') event.preventDefault();
    if (type === 'dragenter' && isInside) entered.add(over);
    if (type === 'dragleave') entered.delete(over);
    if (type === 'drop') {
      end();
      if (isInside) dropped(filesOf(dataTransfer));
    } else {
      hovering(entered.size > 0);
    }
  };
  const kinds = /** @type {const} */ (['dragenter', 'dragover', 'dragleave', 'drop']);
  for (const kind of kinds) addEventListener(kind, handle);
  return () => {
    for (const kind of kinds) removeEventListener(kind, handle);
  };
}

/** @param {EventTarget | null} target may be a text @returns {Element | null} */
const elementOf = (target) => (target instanceof Element ? target : target instanceof Node ? target.parentElement : null);

/**
 * The files of a paste. Office programs add a picture of the text that they copy: then the text is
 * meant. File managers add the name of the file, as plain text only.
 *
 * @param {ClipboardEvent} event
 * @returns {File[]}
 */
export function pastedFiles({ clipboardData }) {
  const types = clipboardData?.types ?? [];
  const isFormatted = types.includes('text/html') && types.includes('text/plain');
  if (!hasFiles(clipboardData) || isFormatted || types.includes('text/rtf')) return [];
  return filesOf(clipboardData);
}

/**
 * The files of a transfer. A folder is an empty file: whether it has a size depends on the system, and
 * nobody can read it.
 *
 * @param {DataTransfer | null} data
 * @returns {File[]}
 */
function filesOf(data) {
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
  return items.flatMap((item) => {
    const file = item.getAsFile();
    if (!file) return [];
    return item.webkitGetAsEntry()?.isDirectory ? new File([], file.name) : file;
  });
}
