"""The outbox when its database replies late, or not at all."""

import pytest

from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.tab import Tab

# A database whose results the test gives: the real one cannot be stopped between two steps.
OUTBOX = """(({ Outbox }) => {
  window.writes = [];
  window.sent = [];
  const write = (what) => new Promise((resolve, reject) => writes.push({ what, resolve, reject }));
  const mine = {
    queue: (entry) => write(['queue', entry.client_id]),
    update: (entries) => write(['update', ...entries.map((entry) => entry.client_id)]),
    remove: (ids) => write(['remove', ...ids]),
  };
  window.open = true;
  window.outbox = new Outbox(mine, {
    open: () => open,
    send: (entry) => new Promise((resolve) => sent.push({ ...entry, resolve })),
    hasApplied: () => true,
    isMixed: () => false,
    files: { readiness: () => 'ready', isUnstored: () => false, forget: () => {} },
    changed: () => {},
    stored: () => {},
  });
  window.add = (client_id, text = 'hello') =>
    outbox.add('c', { text, quote: null, rest: {}, client_id });
  window.ids = () => outbox.of('c').map((entry) => entry.client_id);
  window.turn = () => new Promise((resolve) => setTimeout(resolve));
})(await import('/static/r1/realtime/worker/outbox.js'))"""


@pytest.fixture
def tab(enter: Enter, script: ScriptedServer) -> Tab:
    """A tab with an outbox that does not lead."""
    tab = enter(script.person("Alice"))
    tab.run(OUTBOX)
    return tab


def test_adding_a_message_again_changes_nothing(tab):
    tab.run("void add('one')")
    tab.run("writes[0].resolve()")
    tab.run("await add('one', 'something else')")
    assert tab.run("outbox.of('c').map(({ text }) => text)") == ["hello"]
    tab.run("(outbox.confirm(['one']), writes[1].resolve())")
    tab.run("await add('one')")
    assert tab.run("[ids(), writes.length]") == [[], 2]


def test_a_message_added_while_the_database_is_read_stays(tab):
    tab.run("outbox.beforeRead()")
    tab.run("(void add('being stored'), void add('stored'), writes[1].resolve())")
    tab.run("turn()")
    tab.run("outbox.restore([])")
    assert tab.run("ids()") == ["being stored", "stored"]
    tab.run("outbox.beforeRead()")
    tab.run("outbox.restore([])")
    assert tab.run("ids()") == ["being stored"], "the other was sent by another owner"


def test_a_message_discarded_while_the_database_is_read_stays_discarded(tab):
    tab.run("(window.open = false, void add('one'), writes[0].resolve())")
    tab.run("turn()")
    tab.run("(outbox.beforeRead(), window.copy = outbox.of('c'), void outbox.discard('one'))")
    tab.run("outbox.restore(copy)")
    assert tab.run("ids()") == []


def test_an_owner_that_does_not_lead_sends_only_unstored_messages(tab):
    tab.run("(void add('stored'), writes[0].resolve())")
    tab.run("turn()")
    assert tab.run("sent.length") == 0, "the leader finds it"
    tab.run("(void add('not stored'), writes[1].reject(new Error('no room')))")
    tab.run("turn()")
    assert tab.run("outbox.unstored") == 1
    tab.run("(outbox.beforeRead(), outbox.restore([]))")
    assert tab.run("ids()") == ["not stored"]
    tab.run("(writes[2].reject(new Error('no room')))")
    tab.wait("sent.length === 1")
    assert tab.run("sent[0].client_id") == "not stored"
    tab.wait("writes.length === 4")
    assert tab.run("writes[3].what") == ["update", "not stored"], "stored again a while later"
    tab.run("writes[3].resolve()")
    tab.wait("outbox.unstored === 0")


def test_only_the_newest_arrived_messages_are_remembered(tab):
    tab.run("(writes.push = ({ resolve }) => resolve())")
    tab.run("Promise.all(Array.from({ length: 1010 }, (_, n) => add(`id ${n}`)))")
    tab.run("outbox.confirm(ids())")
    assert tab.run("[outbox.has('id 9'), outbox.has('id 10')]") == [False, True]


def test_a_memory_cache_reports_what_it_drops(tab):
    tab.run(
        """(({ MemoryCache }) => {
          window.dropped = [];
          window.cache = new MemoryCache((chat, span) => dropped.push([chat, span]));
          const page = (chat, first, count) => Array.from({ length: count }, (_, n) =>
            [chat, { seq: first + n, edited_at: null, deleted: false, reply_to: null }]);
          const nothing = { wipe: false, lostChats: [], members: [], dropped: [] };
          window.save = (...page_of) => cache.save({ ...nothing, messages: page(...page_of) });
        })(await import('/static/r1/realtime/worker/store/memory-cache.js'))"""
    )
    tab.run("save('a', 1, 3000)")
    tab.run("save('b', 1, 2000)")
    assert tab.run("dropped") == []
    tab.run("save('b', 2001, 100)")
    assert tab.run("dropped") == [["a", [0, 600]]]
    assert tab.run("(await cache.read('a', 1, 700)).map(({ seq }) => seq)[0]") == 601
    assert tab.run("(await cache.read('b', 1, 2100)).length") == 2100
