import { ReadTracker } from '../../../static/chats/read-tracker.js';
import { equal, test } from './runner.js';

test('nothing is read while something lies over the rows', async () => {
  const scroller = document.createElement('div');
  scroller.innerHTML = '<p data-seq="1">one</p><p data-seq="2">two</p>';
  document.body.append(scroller);
  /** Resolves with what a tracker reports first. @param {boolean} covered */
  const tracking = (covered) => {
    /** @type {(seq: number) => void} */
    let report = () => {};
    const reported = new Promise((resolve) => (report = resolve));
    const tracker = new ReadTracker(scroller, (seq) => report(seq));
    tracker.covered = covered;
    tracker.watch(scroller.children);
    return { tracker, reported };
  };
  const below = tracking(true);
  const seen = tracking(false);
  equal(await Promise.race([below.reported.then(() => 'covered'), seen.reported]), 2);
  below.tracker.covered = false;
  equal(await below.reported, 2);
});
