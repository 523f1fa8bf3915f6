"""The self-check on resume finds wrong entries in the browser's cache and fetches them again."""

import time

from playwright.sync_api import expect

from tests.journeys.conftest import TIMEOUT_MS
from tests.support.fill import fill
from tests.support.live import database

# Opens the message store of a person's cache as `store`.
OPEN = """
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const cache = names.find((name) => name.startsWith('parley-cache') && name.endsWith(person));
  const db = await done(indexedDB.open(cache));
  const store = db.transaction('messages', 'readwrite').objectStore('messages');
"""
# Changes a stored entry, as if an event had been lost.
CORRUPT = f"""async ({{ person, chat, seq }}) => {{{OPEN}
  const entry = await done(store.get([chat, seq]));
  await done(store.put({{ ...entry, rev: entry.rev + 1, text: 'never said' }}));
  db.close();
}}"""
CACHED = f"""async ({{ person, chat }}) => {{{OPEN}
  const all = await done(store.getAll(IDBKeyRange.bound([chat, 0], [chat, 1e9])));
  db.close();
  return all.map(({{ seq, text }}) => [seq, text]);
}}"""


def test_a_corrupt_entry_is_fetched_again(enter, cast, proxy, server):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("one", "two", "three")
    alice.shows("one", "two", "three")
    told = f"a client's copy of {cast.chat} differs in 1-3"
    alice.page.evaluate(CORRUPT, {"person": str(cast.alice.id), "chat": str(cast.chat), "seq": 2})
    alice.go(f"/c/{cast.chat}")
    # The wrong text may be shown for a moment, until the server's replaces it.
    alice.shows("one", "two", "three")
    assert alice.debug()["healed"] == 1
    assert server.log.count(told) == 1
    proxy.cut()
    expect(alice.status_banner).to_be_visible()
    proxy.mend()
    bob.say("four")
    alice.shows("one", "two", "three", "four")
    assert alice.debug()["healed"] == 1
    assert server.log.count(told) == 1


def test_only_the_differing_span_is_fetched_again_in_a_closed_chat(enter, cast):
    database(fill, cast.chat, cast.bob.id, end=300)
    alice = enter(cast.alice, f"/c/{cast.chat}/at/100")
    expect(alice.row("text 100")).to_be_in_viewport()
    alice.go(f"/c/{cast.chat}/at/300")
    expect(alice.row("text 300")).to_be_visible()
    alice.go("/people")
    what = {"person": str(cast.alice.id), "chat": str(cast.chat)}
    before = alice.page.evaluate(CACHED, what)
    assert {100, 290, 300} < {seq for seq, _ in before} < set(range(1, 301))
    alice.page.evaluate(CORRUPT, {**what, "seq": 290})
    alice.page.reload()
    alice.ready()
    # The other cached parts of the chat are unchanged.
    until = time.monotonic() + TIMEOUT_MS / 1000
    while alice.page.evaluate(CACHED, what) != before:
        assert time.monotonic() < until
    assert alice.debug()["healed"] == 1
