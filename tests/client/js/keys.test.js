import { actionOf } from '../../../static/shell/chat-keys.js';
import { isCommand } from '../../../static/shell/keys.js';
import { equal, test } from './runner.js';

/** @param {object} more */
const pressed = (more) => new KeyboardEvent('keydown', { key: 'f', code: 'KeyF', ...more });

test('a command is Ctrl with a letter, and on a Mac Command, where Ctrl moves the caret', () => {
  /** @type {[object, boolean, boolean][]} the key, whether it is a command, and whether on a Mac */
  const cases = [
    [{ ctrlKey: true }, true, false],
    [{ metaKey: true }, false, true],
    [{ ctrlKey: true, metaKey: true }, false, false],
    [{ ctrlKey: true, shiftKey: true }, false, false],
    [{ ctrlKey: true, altKey: true }, false, false],
    [{ ctrlKey: true, key: 'F' }, true, false],
    [{ ctrlKey: true, key: 'а' }, true, false],
    [{ metaKey: true, key: 'а' }, false, true],
    [{ ctrlKey: true, key: 'u' }, false, false],
    [{}, false, false],
  ];
  for (const [more, elsewhere, apple] of cases) {
    equal([isCommand(pressed(more), 'f', false), isCommand(pressed(more), 'f', true)], [elsewhere, apple]);
  }
});

test('Option with an arrow moves the caret in a field of a Mac', () => {
  const field = document.createElement('textarea');
  const button = document.createElement('button');
  document.body.append(field, button);
  const results = [field, button].flatMap((target) =>
    [false, true].map((isApple) => {
      const event = pressed({ key: 'ArrowDown', code: 'ArrowDown', altKey: true });
      target.dispatchEvent(event);
      return actionOf(event, () => [], isApple) !== null;
    }),
  );
  field.remove();
  button.remove();
  equal(results, [true, false, true, true]);
});
