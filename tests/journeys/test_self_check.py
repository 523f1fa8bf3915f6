"""What a browser holds wrongly is found out at the next resume, and made right."""

from playwright.sync_api import expect

from tests.journeys.conftest import Cast, Enter
from tests.realtime_client.line import Line
from tests.support.servers import Server

# Changes a stored entry, as a change that was lost on the way would have left it.
SPOIL = """async ({ person, chat, seq }) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const cache = names.find((name) => name.startsWith('parley-cache') && name.endsWith(person));
  const db = await done(indexedDB.open(cache));
  const store = db.transaction('messages', 'readwrite').objectStore('messages');
  const entry = await done(store.get([chat, seq]));
  await done(store.put({ ...entry, rev: entry.rev + 1, text: 'never said' }));
  db.close();
}"""


def test_a_spoiled_entry_is_found_and_fetched_again(
    enter: Enter, cast: Cast, line: Line, server: Server
) -> None:
    alice = enter(cast.alice, f"/c/{cast.chat}", via=line)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("one", "two", "three")
    alice.shows("one", "two", "three")
    told = f"a client's copy of {cast.chat} differs in 1-3"
    alice.page.evaluate(SPOIL, {"person": str(cast.alice.id), "chat": str(cast.chat), "seq": 2})
    alice.go(f"/c/{cast.chat}")
    # From the cache it may be shown for a moment; what is stored replaces it.
    alice.shows("one", "two", "three")
    assert alice.debug()["healed"] == 1
    assert server.log.count(told) == 1
    line.cut()
    expect(alice.line).to_be_visible()
    line.mend()
    bob.say("four")
    alice.shows("one", "two", "three", "four")
    assert alice.debug()["healed"] == 1
    assert server.log.count(told) == 1
