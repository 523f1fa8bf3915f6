import { ParleyError } from '../../../static/realtime/both/failure.js';
import { Commands } from '../../../static/realtime/worker/commands.js';
import { equal, test } from './runner.js';

/** @import { AnyCommand } from '../../../static/realtime/wire.js' */

/** A pin, as a view sends it. */
const PIN = /** @type {const} */ ({ type: 'pin', chat: 'c', seq: 1 });

/** Commands over a connection and an API that record what they get. */
function setUp({ isSynced = true, carries = true } = {}) {
  /** @type {AnyCommand[]} */
  const frames = [];
  /** @type {{ batch: AnyCommand[], resolve: (events: unknown) => void,
   *   reject: (error: unknown) => void }[]} */
  const posts = [];
  const state = { isSynced, reconnects: 0 };
  const connection = {
    heardAt: 0,
    send: (/** @type {AnyCommand} */ command) => carries && frames.push(command) > 0,
    reconnect: () => (state.reconnects += 1),
  };
  const http = {
    post: (/** @type {string} */ _, /** @type {AnyCommand[]} */ batch) =>
      new Promise((resolve, reject) => posts.push({ batch, resolve, reject })),
  };
  const commands = new Commands(
    /** @type {any} */ (connection),
    /** @type {any} */ (http),
    () => state.isSynced,
  );
  return { commands, frames, posts, state };
}

/** @param {AnyCommand[]} batch */
const acks = (batch) => batch.map(({ ref }) => ({ type: 'ack', ref }));

/** @param {Promise<unknown>} sent @returns {Promise<string>} */
const codeOf = (sent) => sent.then(() => 'none', (error) => error.code);

const turn = () => new Promise((resolve) => setTimeout(resolve));

test('a command is a frame while the connection has caught up', async () => {
  const { commands, frames, posts } = setUp();
  const sent = commands.send(PIN);
  equal(frames, [{ ...PIN, ref: '1' }]);
  commands.handleReply({ type: 'ack', ref: '1', chat: 'c' });
  equal((await sent).chat, 'c');
  equal(posts.length, 0);
});

test('a command is posted while the connection has not caught up', async () => {
  const { commands, frames, posts } = setUp({ isSynced: false });
  const sent = commands.send(PIN);
  equal([frames.length, posts[0].batch], [0, [{ ...PIN, ref: '1' }]]);
  posts[0].resolve(acks(posts[0].batch));
  equal((await sent).type, 'ack');
});

test('a command is posted when the transport carries no commands', async () => {
  const { commands, posts } = setUp({ carries: false });
  const sent = commands.send(PIN);
  posts[0].resolve(acks(posts[0].batch));
  equal((await sent).type, 'ack');
});

test('an error reaches the caller with its code', async () => {
  const { commands } = setUp();
  const sent = commands.send(PIN);
  commands.handleReply({ type: 'error', ref: '1', code: 'full', detail: '100' });
  equal(await codeOf(sent), 'full');
});

test('commands that wait behind a POST go together, in their order', async () => {
  const { commands, posts } = setUp({ isSynced: false });
  const all = Promise.all(['pin', 'unpin', 'save'].map((type) =>
    commands.send(/** @type {any} */ ({ ...PIN, type }))));
  posts[0].resolve(acks(posts[0].batch));
  await turn();
  equal(posts.map(({ batch }) => batch.map(({ type }) => type)), [['pin'], ['unpin', 'save']]);
  posts[1].resolve(acks(posts[1].batch));
  equal((await all).length, 3);
});

for (const [code, reported] of /** @type {[any, string][]} */ ([
  ['offline', 'offline'],
  ['rate_limited', 'rate_limited'],
  ['signed_out', 'signed_out'],
  ['too_long', 'too_long'],
  ['not_found', 'unavailable'],
  ['failed', 'unavailable'],
])) {
  test(`a POST that fails with ${code} fails its commands with ${reported}`, async () => {
    const { commands, posts } = setUp({ isSynced: false });
    const sent = commands.send(PIN);
    posts[0].reject(new ParleyError(code));
    equal(await codeOf(sent), reported);
  });
}

test('a lost connection fails the commands that were sent on it', async () => {
  const { commands, posts } = setUp();
  const sent = commands.send(PIN);
  commands.disconnected();
  equal([await codeOf(sent), posts.length], ['offline', 0]);
});

test('a lost connection leaves posted commands alone', async () => {
  const { commands, posts } = setUp({ isSynced: false });
  const sent = commands.send(PIN);
  commands.disconnected();
  posts[0].resolve(acks(posts[0].batch));
  equal(await codeOf(sent), 'none');
});

test('a command that failed while it waited is never posted', async () => {
  const { commands, posts } = setUp({ carries: false });
  const sent = [codeOf(commands.send(PIN)), codeOf(commands.send(PIN))];
  commands.disconnected();
  equal(await Promise.all(sent), ['offline', 'offline']);
  posts[0].resolve(acks(posts[0].batch));
  await turn();
  equal(posts.length, 1);
});

test('a command on the connection fails without one', async () => {
  const { commands } = setUp({ carries: false });
  const resume = /** @type {any} */ ({ type: 'resume' });
  equal(await codeOf(commands.sendOnConnection(resume, 1000)), 'offline');
});

test('a command without a reply fails, and reconnects a silent connection', async () => {
  const { commands, state } = setUp();
  const resume = /** @type {any} */ ({ type: 'resume' });
  equal(await codeOf(commands.sendOnConnection(resume, 1)), 'offline');
  equal(state.reconnects, 1);
});
