/** @import { DebugView } from '../port-messages.js' */
/** @import { Owner } from './owner.js' */

/**
 * Counts of an owner, for tests and support.
 *
 * @param {Owner} owner
 * @returns {DebugView}
 */
export function debugView(owner) {
  const { host, leadership, sessions, model, connection, resumer, http, sync, outbox, uploads } = owner;
  const spans = [...model.chats.values()].map(({ id, spans: held }) => [id, held]);
  return {
    host,
    leader: leadership.isLeading,
    tabs: sessions.size,
    newsWatched: [...sessions].some(({ watchesNews }) => watchesNews),
    socketsOpened: connection.opened,
    resumes: resumer.count,
    httpRequests: http.requests,
    transport: connection.transport,
    framesIn: connection.frames,
    framesDropped: sync.dropped,
    healed: sync.chats.healed,
    epoch: model.epoch,
    user: model.user,
    cursors: model.cursors(),
    spans: Object.fromEntries(spans),
    outbox: outbox.size,
    uploads: uploads.size,
  };
}
