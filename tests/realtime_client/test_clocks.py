"""Typing and being away, on a clock that the tests move."""

import pytest

from tests.realtime_client.conftest import Enter
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.tab import Tab

CLOCK = """(() => {
  const due = new Set();
  window.time = 0;
  window.clock = {
    now: () => time,
    after(ms, call) {
      const one = { at: time + ms, call };
      due.add(one);
      return () => due.delete(one);
    },
  };
  window.pass = (ms) => {
    const end = time + ms;
    for (;;) {
      const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      due.delete(next);
      time = next.at;
      next.call();
    }
    time = end;
  };
})()"""

TYPING = """(({ Typing }) => {
  window.calls = [];
  window.changes = [];
  window.typing = new Typing({
    changed: (chat) => changes.push([chat, ...typing.of(chat)].join(' ')),
    send: (chat) => calls.push(chat),
    clock,
  });
})(await import('/static/r1/realtime/worker/typing.js'))"""

OWN_PRESENCE = """(({ OwnPresence }) => {
  window.calls = [];
  window.presence = new OwnPresence((state) => calls.push(state), clock);
})(await import('/static/r1/realtime/worker/own-presence.js'))"""


@pytest.fixture
def tab(enter: Enter, script: ScriptedServer) -> Tab:
    """A tab with a clock of its own."""
    tab = enter(script.person("Alice"))
    tab.run(CLOCK)
    return tab


def act(tab: Tab, *steps: str) -> None:
    """Run JavaScript, step by step."""
    for step in steps:
        tab.page.evaluate(f"() => {{ {step}; }}")


def test_typing_of_others_ends_after_six_seconds(tab):
    tab.run(TYPING)
    act(tab, "typing.heard('c', 'ann')", "pass(4000)", "typing.heard('c', 'bob')")
    assert tab.run("typing.of('c')") == ["ann", "bob"]
    act(tab, "typing.heard('c', 'ann')", "pass(5999)")
    assert tab.run("typing.of('c')") == ["ann", "bob"]
    act(tab, "typing.heard('c', 'ann')", "pass(1)")
    assert tab.run("typing.of('c')") == ["ann"]
    act(tab, "pass(6000)")
    assert tab.run("changes") == ["c ann", "c ann bob", "c ann", "c"]


def test_a_message_or_a_lost_connection_ends_typing(tab):
    tab.run(TYPING)
    act(tab, "typing.heard('c', 'ann')", "typing.heard('d', 'bob')", "typing.ended('c', 'ann')")
    assert tab.run("[typing.of('c'), typing.of('d')]") == [[], ["bob"]]
    act(tab, "typing.disconnected()", "pass(10000)")
    assert tab.run("changes") == ["c ann", "d bob", "c", "d"]


def test_own_typing_is_sent_every_three_seconds_and_at_once_after_a_message(tab):
    tab.run(TYPING)
    act(tab, "typing.writing('c')", "pass(2999)", "typing.writing('c')", "typing.writing('d')")
    assert tab.run("calls") == ["c", "d"]
    act(tab, "pass(1)", "typing.writing('c')")
    assert tab.run("calls") == ["c", "d", "c"]
    act(tab, "typing.sent('c')", "typing.writing('c')", "typing.writing('d')")
    assert tab.run("calls") == ["c", "d", "c", "c"]


def test_a_person_is_away_after_five_minutes_without_input(tab):
    tab.run(OWN_PRESENCE)
    act(tab, "pass(299999)", "presence.input()", "pass(299999)", "presence.connected()")
    assert tab.run("calls") == []
    act(tab, "pass(1)", "pass(900000)")
    assert tab.run("calls") == ["away"]
    act(tab, "presence.connected()")
    assert tab.run("calls") == ["away", "away"]
    act(tab, "presence.input()", "presence.input()")
    assert tab.run("calls") == ["away", "away", "active"]
