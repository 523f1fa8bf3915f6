"""A SharedWorker that dies loses no text and duplicates no message (invariant 25)."""

from collections import Counter

import pytest
from playwright.sync_api import expect

from apps.chats.models import Message
from tests.journeys.screen import Screen
from tests.promises.browser.conftest import Kill
from tests.support.live import Cast

# Lets a test drop the owner's replies to sends, so that its tab does not learn the result.
LOSES_ANSWERS = """
(() => {
  const sends = new Set();
  window.losesAnswers = false;
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.name === 'send') sends.add(message.id);
    if (message?.name === 'send' && window.losesSends) return;
    return postMessage.call(this, message, ...rest);
  };
  const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    set(take) {
      set.call(this, (event) => {
        if (!(window.losesAnswers && sends.has(event.data.id))) take(event);
      });
    },
  });
})();
"""
# Ten seconds become one.
SEND_TIMEOUT_IS_SHORT = """
const { setTimeout } = window;
window.setTimeout = (run, ms, ...rest) => setTimeout(run, ms === 10_000 ? 1_000 : ms, ...rest);
"""
WITHOUT_LOCKS = "delete Navigator.prototype.locks"


def stored(cast: Cast) -> list[str]:
    """The texts stored in the chat, in order."""
    entries = Message.objects.filter(chat_id=cast.chat).order_by("seq")
    return list(entries.values_list("text", flat=True))


def while_typing(alice: Screen, kill: Kill, text: str) -> None:
    """Kill the worker in the middle of a text."""
    middle = len(text) // 2
    alice.composer.press_sequentially(text[:middle])
    kill(alice)
    alice.composer.press_sequentially(text[middle:])
    alice.composer.press("Enter")


def before_enter(alice: Screen, kill: Kill, text: str) -> None:
    """Kill the worker, and send before the tab can have noticed."""
    alice.composer.fill(text)
    kill(alice)
    alice.composer.press("Enter")


def before_the_answer(alice: Screen, kill: Kill, text: str) -> None:
    """Kill the worker after it has sent a message and before its tab knows of it."""
    alice.page.evaluate("window.losesAnswers = true")
    alice.composer.fill(text)
    alice.composer.press("Enter")
    alice.state(text, "sent", "delivered", "read")
    kill(alice)
    alice.page.evaluate("window.losesAnswers = false")


def before_a_reload(alice: Screen, kill: Kill, text: str) -> None:
    """Kill the worker, send, and reload the page at once."""
    before_enter(alice, kill, text)
    alice.page.reload()


def in_an_unfinished_text(alice: Screen, kill: Kill, text: str) -> None:
    """Kill the worker while a text is written, and reload: the draft is still there."""
    alice.composer.press_sequentially(text[:-1])
    kill(alice)
    alice.composer.press_sequentially(text[-1])
    alice.page.reload()
    expect(alice.composer).to_have_value(text)
    alice.composer.press("Enter")


MOMENTS = [
    while_typing,
    before_enter,
    before_the_answer,
    before_a_reload,
    in_an_unfinished_text,
]


def test_a_dead_shared_worker_loses_and_duplicates_no_message(enter, cast, kill_worker, long):
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.page.context.add_init_script(LOSES_ANSWERS)
    alice.page.reload()
    sent = []
    for round_ in range(10 if long else 1):
        for moment in MOMENTS:
            text = f"{moment.__name__} {round_}"
            moment(alice, kill_worker, text)
            alice.state(text, "sent", "delivered", "read")
            expect(alice.composer).to_have_value("")
            sent.append(text)
    alice.shows(*sent)
    bob.shows(*sent)
    found = Counter(stored(cast))
    figures = {
        "sent": len(sent),
        "stored": found.total(),
        "lost": len(set(sent) - set(found)),
        "dup": found.total() - len(found),
    }
    line = " ".join(f"{name}={value}" for name, value in figures.items())
    print(f"\nfault=dead worker injections={len(sent)} {line}")
    assert (figures["lost"], figures["dup"], figures["stored"]) == (0, 0, len(sent))


def test_a_send_whose_owner_never_replies_stays_in_the_composer_or_is_shown(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.page.context.add_init_script(LOSES_ANSWERS)
    alice.page.context.add_init_script(SEND_TIMEOUT_IS_SHORT)
    alice.page.reload()
    alice.ready()
    alice.page.evaluate("window.losesAnswers = true")
    alice.say("its row is there")
    alice.state("its row is there", "sent", "delivered")
    alice.page.evaluate("window.losesSends = true")
    alice.composer.fill("it has none")
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value("it has none")
    expect(alice.page.get_by_role("alert")).to_contain_text(["Your text is still here"])
    alice.page.evaluate("window.losesSends = window.losesAnswers = false")
    alice.composer.press("Enter")
    alice.shows("its row is there", "it has none")
    alice.state("it has none", "sent", "delivered")
    expect(alice.composer).to_have_value("")
    assert stored(cast) == ["its row is there", "it has none"]


@pytest.mark.parametrize("script", ["", WITHOUT_LOCKS])
def test_every_tab_recovers_after_its_shared_worker_died(enter, cast, kill_worker, script):
    first = enter(cast.alice, f"/c/{cast.chat}")
    first.page.context.add_init_script(script)
    first.page.reload()
    second = enter(cast.alice, f"/c/{cast.chat}", beside=first)
    first.say("before")
    second.shows("before")
    kill_worker(second)
    second.write("after")
    for tab in (first, second):
        # Without locks a tab notices only on user input.
        tab.page.mouse.move(10, 10)
        tab.composer.press_sequentially("x")
        tab.shows("before", "after")
        tab.composer.fill("")
    assert first.debug()["tabs"] == 2
    assert stored(cast) == ["before", "after"]
