import { ScrollAnchor } from '../../../static/chats/scroll-anchor.js';
import { equal, test } from './runner.js';

/** A view of 300 pixels on 1000. */
function scrollerAtEnd() {
  const scroller = document.createElement('div');
  scroller.style.cssText = 'height: 300px; overflow: auto';
  scroller.innerHTML = '<div data-key="one" style="height: 1000px"></div>';
  document.body.append(scroller);
  const anchor = new ScrollAnchor(scroller);
  anchor.toEnd();
  return { scroller, anchor };
}

/** @param {HTMLElement} scroller pixels between what is seen and the end */
const below = ({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight;

test('the view stays at the end when it becomes lower before anything else is noticed', () => {
  const { scroller, anchor } = scrollerAtEnd();
  scroller.style.height = '150px';
  anchor.remember(true);
  equal([anchor.sticksToEnd, below(scroller)], [true, 0]);
});

test('a reader who scrolls up leaves the end', () => {
  const { scroller, anchor } = scrollerAtEnd();
  scroller.scrollTop -= 200;
  anchor.remember(true);
  equal([anchor.sticksToEnd, below(scroller)], [false, 200]);
});

test('the view stays at the end when a row grows that nobody draws again', async () => {
  const { scroller, anchor } = scrollerAtEnd();
  const row = /** @type {HTMLElement} */ (scroller.firstElementChild);
  row.style.height = '1400px';
  anchor.remember(true);
  equal([anchor.sticksToEnd, below(scroller)], [true, 0]);
  row.style.height = '1800px';
  // Its observers are called after the layout of a frame, before the frame that follows.
  await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  equal([anchor.sticksToEnd, below(scroller)], [true, 0]);
});
