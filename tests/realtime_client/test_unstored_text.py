"""Text that neither the database nor the owner of a page has."""

import json
from typing import Any
from uuid import uuid4

from playwright.sync_api import BrowserContext

from apps.wire import bodies
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.scripted.chat import ScriptedChat
from tests.realtime_client.tab import Tab

# Storing something in one store fails, as on a full device.
FULL = """(store) => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === store) throw new DOMException('No chat', 'QuotaExceededError');
    return put.apply(this, given);
  };
}"""
# Reading one store fails for a while.
UNREADABLE = """
const { getAll } = IDBObjectStore.prototype;
IDBObjectStore.prototype.getAll = function (...given) {
  if (this.name === 'STORE' && performance.now() < UNTIL) {
    throw new DOMException('Lost', 'UnknownError');
  }
  return getAll.apply(this, given);
};
"""


def alone(context: BrowserContext) -> BrowserContext:
    """Each tab is an owner: what a test breaks in a page is broken for its owner."""
    context.add_init_script("delete globalThis.SharedWorker")
    return context


def two_of(script: ScriptedServer) -> tuple[bodies.Person, ScriptedChat]:
    """Bob, and a chat in which Alice has sent a message."""
    alice, bob = script.person("Alice"), script.person("Bob")
    return bob, script.direct_chat(bob, alice, "one")


def leave(tab: Tab, person: bodies.Person, chat: ScriptedChat, text: str) -> None:
    """The deliveries without a result that a page of this tab leaves behind."""
    message = {"text": text, "quote": None, "client_id": str(uuid4())}
    left = [{"name": "send", "args": [str(chat.id), message], "at": 0}]
    given: dict[str, Any] = {"key": f"parley-unanswered-{person.id}", "left": json.dumps(left)}
    tab.run("sessionStorage.setItem(given.key, given.left)", given)


def test_a_draft_that_cannot_be_stored_outlives_a_change_of_another_owner(enter, browsers, script):
    bob, chat = two_of(script)
    context = alone(browsers(bob))
    tab = enter(bob, context).online().show(chat.id)
    other = enter(bob, context).online().show(chat.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.page.evaluate(FULL, "drafts")
    tab.run("client.saveDraft(given, 'nowhere else')", str(chat.id))
    other.say(chat.id, "by the other owner")
    tab.wait("lines().length === 2")
    assert tab.run("client.draft(given)", str(chat.id)) == {"text": "nowhere else", "reply": None}
    assert tab.run("seen.chats[0].draft") == "nowhere else"


def test_a_draft_of_a_message_that_cannot_be_stored_does_not_come_back(enter, browsers, script):
    bob, chat = two_of(script)
    elsewhere = script.direct_chat(bob, script.person("Charlie"), "two")
    context = alone(browsers(bob))
    tab = enter(bob, context).online().show(chat.id)
    other = enter(bob, context).online().show(chat.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.run("client.saveDraft(given, 'said once')", str(chat.id))
    tab.page.evaluate(FULL, "outbox")
    tab.say(chat.id, "said once")
    other.say(elsewhere.id, "by the other owner")
    tab.wait("seen.chats.some(({ last }) => last.text === 'by the other owner')")
    assert tab.run("client.draft(given)", str(chat.id)) == {"text": "", "reply": None}


def test_a_message_that_a_page_left_is_sent_although_the_cache_cannot_be_read(
    enter, browsers, script
):
    bob, chat = two_of(script)
    context = alone(browsers(bob))
    tab = enter(bob, context).online().show(chat.id)
    leave(tab, bob, chat, "left behind")
    broken = UNREADABLE.replace("STORE", "messages").replace("UNTIL", "Infinity")
    tab.page.add_init_script(broken)
    tab.page.reload()
    tab = Tab(tab.page).online()
    script.wait_for(lambda: [one.text for one in chat.messages] == ["one", "left behind"])


def test_a_page_from_the_back_forward_cache_sends_what_a_later_page_left(enter, script):
    bob, chat = two_of(script)
    tab = enter(bob).online().show(chat.id)
    tab.run("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    leave(tab, bob, chat, "written on the next page")
    tab.run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    script.wait_for(lambda: chat.messages[-1].text == "written on the next page")


def test_a_page_leaves_only_the_newest_draft_of_a_chat(enter, script):
    bob, chat = two_of(script)
    tab = enter(bob).online().show(chat.id)
    left = tab.run(
        """(() => {
          for (const text of ['o', 'on', 'one']) void client.saveDraft(given, text);
          void client.send(given, 'one');
          void client.saveDraft(given, 'two');
          void client.saveDraft('another', 'three');
          dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
          const left = sessionStorage.getItem(`parley-unanswered-${client.person}`);
          return JSON.parse(left).map(({ name, args }) => [name, args[1].text ?? args[1]]);
        })()""",
        str(chat.id),
    )
    assert left == [["send", "one"], ["saveDraft", "two"], ["saveDraft", "three"]]


def test_an_outbox_that_cannot_be_read_at_first_is_sent_later(enter, browsers, script):
    bob, chat = two_of(script)
    context = alone(browsers(bob))
    tab = enter(bob, context).online().show(chat.id)
    script.down = True
    script.cut()
    tab.wait("seen.connection.state === 'offline'")
    tab.say(chat.id, "in the queue")
    tab.page.add_init_script(UNREADABLE.replace("STORE", "outbox").replace("UNTIL", "4000"))
    script.down = False
    tab.page.reload()
    tab = Tab(tab.page).online()
    script.wait_for(lambda: chat.messages[-1].text == "in the queue")
