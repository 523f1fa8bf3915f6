import { ParleyError } from '../../../static/realtime/both/failure.js';
import { Http } from '../../../static/realtime/both/http.js';
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

/**
 * Run a test whose timers end when it says how much time has passed.
 *
 * @param {(elapse: (ms: number) => void) => unknown} body
 */
async function withTimers(body) {
  const { setTimeout, clearTimeout } = globalThis;
  /** @type {Map<number, { at: number, end: () => void }>} */
  const timers = new Map();
  let [now, lastId] = [0, 0];
  Object.assign(globalThis, {
    setTimeout: (/** @type {() => void} */ end, /** @type {number} */ ms) => {
      timers.set((lastId += 1), { at: now + ms, end });
      return lastId;
    },
    clearTimeout: (/** @type {number} */ id) => timers.delete(id),
  });
  try {
    await body((ms) => {
      now += ms;
      for (const [id, { at, end }] of timers) if (at <= now && timers.delete(id)) end();
    });
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
}

const { setTimeout: realTimeout } = globalThis;
const turn = () => new Promise((resolve) => realTimeout(resolve));

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
  // Without a connection, and with one that refuses the frame because it is closing.
  for (const how of [{ isSynced: false }, { carries: false }]) {
    const { commands, posts } = setUp(how);
    const sent = [codeOf(commands.send(PIN)), codeOf(commands.send(PIN))];
    commands.disconnected();
    posts[0].resolve(acks(posts[0].batch));
    await turn();
    posts[1].resolve(acks(posts[1].batch));
    equal(await Promise.all(sent), ['none', 'none']);
  }
});

test('a sign-out fails all commands, and those that wait are not posted', async () => {
  const { commands, posts } = setUp({ isSynced: false });
  const sent = [codeOf(commands.send(PIN)), codeOf(commands.send(PIN))];
  commands.signedOut();
  equal(await Promise.all(sent), ['signed_out', 'signed_out']);
  posts[0].resolve(acks(posts[0].batch));
  await turn();
  equal(posts.length, 1);
});

test('a posted command is settled by its POST, however late', () =>
  withTimers(async (elapse) => {
    const { commands, posts } = setUp({ isSynced: false });
    const sent = commands.send(PIN);
    elapse(14_000);
    posts[0].resolve(acks(posts[0].batch));
    equal(await codeOf(sent), 'none');
  }));

test('the POST of a command that waited settles it, too', () =>
  withTimers(async (elapse) => {
    const { commands, posts } = setUp({ isSynced: false });
    const sent = [codeOf(commands.send(PIN)), codeOf(commands.send(PIN))];
    elapse(9_000);
    posts[0].resolve(acks(posts[0].batch));
    await turn();
    equal(posts.length, 2);
    elapse(14_000);
    posts[1].resolve(acks(posts[1].batch));
    equal(await sent[1], 'none');
  }));

test('a command that waits too long behind a POST fails and is never posted', () =>
  withTimers(async (elapse) => {
    const { commands, posts, state } = setUp({ isSynced: false });
    const sent = [codeOf(commands.send(PIN)), codeOf(commands.send(PIN))];
    elapse(10_000);
    equal(await sent[1], 'offline');
    posts[0].resolve(acks(posts[0].batch));
    equal(await sent[0], 'none');
    await turn();
    equal([posts.length, state.reconnects], [1, 0]);
  }));

test('a posted command without a reply fails', async () => {
  const { commands, posts } = setUp({ isSynced: false });
  const sent = commands.send(PIN);
  posts[0].resolve([]);
  equal(await codeOf(sent), 'unavailable');
});

/**
 * Post a command with a token that the server refuses.
 *
 * @param {number} status of `/me`
 * @param {string} newest the token of the newest page by the time that `/me` replies
 */
async function postForbidden(status, newest) {
  const { fetch } = globalThis;
  let signedOut = 0;
  /** @type {string[]} */
  const asked = [];
  const http = new Http('', () => (signedOut += 1));
  http.csrf = 'stale';
  globalThis.fetch = async (url, init) => {
    const { 'X-CSRFToken': token } = /** @type {any} */ (init?.headers);
    asked.push(`${url} ${token ?? ''}`.trim());
    if (url === '/api/v1/me') {
      http.csrf = newest;
      return Response.json(status === 401 ? { code: 'signed_out' } : {}, { status });
    }
    if (token === 'stale') return Response.json({ code: 'forbidden' }, { status: 403 });
    return Response.json(acks(JSON.parse(`${init?.body}`)));
  };
  try {
    const connection = /** @type {any} */ ({ heardAt: 0, send: () => false });
    const code = await codeOf(new Commands(connection, http, () => false).send(PIN));
    return { code, signedOut, asked: asked.map((one) => one.replace('/api/v1/', '')) };
  } finally {
    globalThis.fetch = fetch;
  }
}

test('a forbidden POST ends as signed out when the session has ended', async () => {
  const { code, signedOut, asked } = await postForbidden(401, 'stale');
  equal([code, signedOut, asked], ['signed_out', 1, ['commands stale', 'me']]);
});

test('a forbidden POST ends as signed out when no page brought another token', async () => {
  const { code, signedOut, asked } = await postForbidden(200, 'stale');
  equal([code, signedOut, asked], ['signed_out', 1, ['commands stale', 'me']]);
});

test('a forbidden POST is repeated with the token of a newer page', async () => {
  const { code, signedOut, asked } = await postForbidden(200, 'fresh');
  equal([code, signedOut, asked], ['none', 0, ['commands stale', 'me', 'commands fresh']]);
});

test('a forbidden POST fails for now when the session cannot be checked', async () => {
  const { code, signedOut } = await postForbidden(503, 'stale');
  equal([code, signedOut], ['unavailable', 0]);
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
