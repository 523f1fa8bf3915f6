"""Notifications by an open page: sounds, system notifications, badges, undelivered pushes."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from apps.chats.actions.edits import delete_message, edit_message, pin_message
from apps.chats.actions.messages import send_batch, validated_send
from apps.notifications.actions.subscriptions import subscribe
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker, wait_until
from tests.notifications.ledger import deliver, make_due, states
from tests.support.live import Cast, database
from tests.support.people import session_of
from tests.support.pushes import service

__all__ = ["service"]

# Records, in order, each tone that starts, each badge number, and each notification of the page.
RECORDED = """
window.tones = [];
window.badges = [];
const begin = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones.push(this.frequency.value);
  return begin.apply(this, when);
};
navigator.setAppBadge = async (number) => void window.badges.push(number);
navigator.clearAppBadge = async () => void window.badges.push(0);
window.shown = [];
const show = ServiceWorkerRegistration.prototype.showNotification;
ServiceWorkerRegistration.prototype.showNotification = function (title, more) {
  window.shown.push({ body: more.body, path: more.data.path });
  return show.call(this, title, more);
};
"""
# A page without a user gesture.
UNTOUCHED = (
    "Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } })"
)
# A browser that suspends audio until `hear()`, which also moves the page's clock 3 s on.
AUDIO_SUSPENDED = """
const held = [];
const resume = AudioContext.prototype.resume;
AudioContext.prototype.resume = function () {
  return new Promise((heard) => held.push(() => heard(resume.call(this))));
};
window.held = held;
window.hear = () => {
  AudioContext.prototype.resume = resume;
  const later = performance.now() + 3000;
  performance.now = () => later;
  for (const one of held) one();
};
"""
# A page that may notify, in a browser whose push service is unreachable.
NO_PUSH = "PushManager.prototype.subscribe = async () => { throw new Error('no push service'); };"


@pytest.fixture
def chromium(whole_chromium: Browser) -> Browser:
    """The whole Chromium: the headless shell shows no notifications."""
    return whole_chromium


def say(cast: Cast, *texts: str) -> None:
    """Send messages of Bob at once."""
    send_all = [
        validated_send(sender=cast.bob.id, chat=cast.chat, client_id=uuid4(), text=text)
        for text in texts
    ]
    database(send_batch, send_all)


def value(screen: Screen, name: str) -> Any:
    """A value that the injected scripts recorded."""
    return screen.page.evaluate(f"window.{name}")


def test_a_hidden_page_shows_a_notification_with_a_sound_that_can_be_off(allow, enter, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", scripts=(RECORDED, NO_PUSH))
    worker = Worker.of(alice)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("While you look")
    bob.state("While you look", "read")
    alice.look_away()
    bob.say("While you do not")
    worker.until("shown.length === 1")
    [one] = worker.shown
    assert (one["title"], one["body"], one["tag"]) == ("Bob", "While you do not", str(cast.chat))
    assert one["path"] == f"/c/{cast.chat}/at/2"
    assert value(alice, "tones") == [587, 784]

    alice.look()
    alice.go("/settings/notifications")
    alice.page.get_by_label("Play a sound when Parley is in the background").uncheck()
    alice.look_away()
    bob.say("Silently")
    worker.until("shown.some(({ body }) => body === 'Silently')")
    assert value(alice, "tones") == []


def test_an_edited_message_does_not_notify_again(allow, cast):
    alice = allow(cast.alice, "/people", scripts=(RECORDED, NO_PUSH))
    Worker.of(alice)
    say(cast, "While you look")
    expect(alice.chat(cast.chat)).to_contain_text("While you look")
    alice.look_away()
    database(pin_message, cast.bob.id, cast.chat, seq=1, pinned=True)
    say(cast, "While you do not")
    wait_until(alice, "async () => window.shown.some(({ body }) => body === 'While you do not')")
    [one] = value(alice, "shown")
    # A click leads to the first unread message, as from a push.
    assert one["path"] == f"/c/{cast.chat}/at/1"


def test_a_notification_of_a_page_follows_edits_and_deletions(allow, cast):
    alice = allow(cast.alice, "/people", scripts=(RECORDED, NO_PUSH))
    worker = Worker.of(alice)
    alice.look_away()
    say(cast, "**First**", "At nien")
    worker.until("shown[0]?.body === 'At nien'")
    database(edit_message, cast.bob.id, cast.chat, seq=2, text="At nine")
    worker.until("shown[0]?.body === 'At nine'")
    [one] = worker.shown
    assert one["silent"]
    database(delete_message, cast.bob.id, cast.chat, seq=2)
    worker.until("shown[0]?.body === 'First'")
    database(delete_message, cast.bob.id, cast.chat, seq=1)
    worker.until("shown.length === 0")


def test_a_mention_is_shown_among_messages_sent_at_once(allow, cast):
    alice = allow(cast.alice, "/settings/notifications", scripts=(RECORDED, NO_PUSH))
    alice.page.get_by_label("Mentions only").check()
    alice.page.get_by_role("button", name="Save", exact=True).click()
    expect(alice.page.get_by_text("Saved, for all your devices.")).to_be_visible()
    Worker.of(alice)
    alice.look_away()
    texts = ["Look at this", f"@{cast.alice.username} you, too", "It is nice"]
    say(cast, *texts)
    wait_until(alice, "async () => window.shown.length > 0")
    [one] = value(alice, "shown")
    assert one["body"] == texts[1]


def test_a_page_without_a_user_gesture_plays_no_sound(allow, cast):
    alice = allow(cast.alice, "/people", scripts=(RECORDED, NO_PUSH, UNTOUCHED))
    Worker.of(alice)
    alice.look_away()
    say(cast, "Unheard")
    wait_until(alice, "async () => window.shown.length === 1")
    assert value(alice, "tones") == []


def test_a_sound_that_the_browser_suspends_is_not_played_later(allow, cast):
    alice = allow(cast.alice, "/people", scripts=(RECORDED, AUDIO_SUSPENDED))
    alice.look_away()
    say(cast, "Unheard")
    wait_until(alice, "async () => window.held.length === 1")
    alice.page.evaluate("window.hear()")
    say(cast, "Heard")
    wait_until(alice, "async () => window.tones.length > 0")
    assert value(alice, "tones") == [587, 784]


def test_a_pushed_message_is_not_shown_a_second_time(allow, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}", scripts=(RECORDED,))
    worker = Worker.of(alice)
    wait_until(alice, "async () => Boolean(localStorage.getItem('test.subscription'))")
    alice.look_away()
    say(cast, "A push will come")
    wait_until(alice, "async () => window.tones.length === 2")
    assert worker.shown == []


def test_the_title_and_the_icon_count_unread_chats(allow, cast):
    alice = allow(cast.alice, "/people", scripts=(RECORDED,))
    expect(alice.page).not_to_have_title("(1)")
    say(cast, "One", "Two")
    expect(alice.chat(cast.chat)).to_contain_text("Two")
    wait_until(alice, "async () => window.badges.at(-1) === 1")
    assert alice.page.title().startswith("(1)")
    alice.open(cast.chat)
    wait_until(alice, "async () => window.badges.at(-1) === 0")
    assert not alice.page.title().startswith("(")


def test_undelivered_pushes_are_reported_on_return(allow, cast, service):
    phone = service.browser()
    phone.answer = 500
    session = session_of(cast.alice)
    subscribe(cast.alice.id, session_key=session, endpoint=phone.endpoint, keys=phone.keys)
    say(cast, "You never heard of this")
    for _ in range(5):
        make_due()
        deliver()
    assert [state for state, *_ in states(cast.alice)] == ["failed"]
    alice = allow(cast.alice, "/people", permissions=())
    line = alice.page.locator(".side [data-notice=bell-slash]")
    expect(line).to_contain_text("While you were away")
    line.get_by_role("link", name="Read it").click()
    alice.shows("You never heard of this")
    expect(line).to_have_count(0)


def test_the_install_prompt_is_kept_until_it_is_wanted(allow, cast):
    alice = allow(cast.alice, "/settings/notifications")
    install = alice.page.get_by_role("button", name="Install Parley")
    expect(alice.page.locator("[data-push]")).to_be_visible()
    expect(install).to_have_count(0)
    kept = alice.page.evaluate(
        """() => {
          const offer = new Event('beforeinstallprompt', { cancelable: true });
          offer.prompt = async () => { window.prompted = true; };
          dispatchEvent(offer);
          return offer.defaultPrevented;
        }"""
    )
    assert kept
    install.click()
    wait_until(alice, "async () => window.prompted")
    expect(install).to_have_count(0)


APPLE = """
delete window.PushManager;
Object.defineProperty(navigator, 'maxTouchPoints', { value: 5 });
"""
AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize("standalone", [False, True])
def test_a_phone_that_must_install_the_app_first_shows_how(allow, cast, standalone):
    installed = (
        f"Object.defineProperty(navigator, 'standalone', {{ value: {str(standalone).lower()} }});"
    )
    alice = allow(
        cast.alice,
        f"/c/{cast.chat}",
        permissions=(),
        scripts=(APPLE, installed),
        user_agent=AGENT,
    )
    alice.say("From the phone")
    alice.state("From the phone", "sent")
    hint = alice.page.locator(".side [data-notice=download-simple]")
    alice.go("/settings/notifications")
    here = alice.page.locator("[data-push]")
    if standalone:
        expect(here).to_have_attribute("data-push", "unsupported")
        expect(hint).to_have_count(0)
    else:
        expect(here).to_have_attribute("data-push", "home_screen")
        expect(hint).to_contain_text("add Parley to your home screen")
        hint.get_by_role("button", name="Close").click()
        expect(hint).to_have_count(0)
