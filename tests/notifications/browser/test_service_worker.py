"""The real service worker shows, replaces, clears and opens notifications."""

from base64 import b64encode
from collections.abc import Callable
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, expect

from apps.accounts.actions import deletions
from apps.accounts.models import User
from tests.chats.factories import write
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker
from tests.support.live import database
from tests.support.people import PASSWORD
from tests.support.uploads import stored_picture

IMAGES = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ image }) => image)"""
WorkerOf = Callable[[Screen], Worker]


@pytest.fixture
def chromium(whole_chromium: Browser) -> Browser:
    """The whole Chromium: the headless shell shows no notifications."""
    return whole_chromium


def test_a_chat_shows_one_notification_with_its_count_until_it_is_cleared(allow, worker, cast):
    alice = worker(allow(cast.alice))
    alice.push("show", cast.chat, seq=1, count=1, title="Bob", body="Hello")
    alice.until("shown.length === 1 && shown[0].title === 'Bob'")
    [first] = alice.shown
    assert first == {
        "title": "Bob",
        "body": "Hello",
        "tag": str(cast.chat),
        "silent": False,
        "path": f"/c/{cast.chat}/at/1",
    }
    alice.push("show", cast.chat, seq=1, count=3, title="Bob", body="Still there?", silent=True)
    alice.until("shown.length === 1 && shown[0].body === 'Still there?'")
    [second] = alice.shown
    assert (second["title"], second["silent"], second["path"]) == (
        "Bob (3)",
        True,
        f"/c/{cast.chat}/at/1",
    )

    # Without its content.
    alice.push("show", cast.chat, seq=4, count=1)
    alice.until("shown.length === 1 && shown[0].title === 'Parley'")
    assert alice.shown[0]["body"] == "New message"
    alice.push("show", cast.chat, seq=4, count=2)
    alice.until("shown.length === 1 && shown[0].body === '2 new messages'")
    alice.push("show", cast.chat, seq=4, count=1000)
    alice.until("shown.length === 1 && shown[0].body === '999+ new messages'")

    # A push that clears the notifications of a chat leaves those of others.
    other = "00000000-0000-7000-8000-000000000001"
    alice.push("show", other, seq=1, count=1, title="Others", body="Hello")
    alice.until("shown.length === 2")
    alice.push("clear", cast.chat)
    alice.until("shown.length === 1 && shown[0].title === 'Others'")


CLOSE = """async () => {
  const registration = await navigator.serviceWorker.ready;
  for (const one of await registration.getNotifications()) one.close();
}"""


def test_a_notification_that_was_swiped_away_does_not_come_back_with_an_edit(allow, worker, cast):
    alice = worker(allow(cast.alice))
    other = "00000000-0000-7000-8000-000000000001"
    renewed = {"seq": 1, "title": "Bob", "silent": True, "renew": True}
    alice.push("show", cast.chat, seq=1, title="Bob", body="At nien", last=2)
    alice.until("shown[0]?.body === 'At nien'")
    alice.push("show", cast.chat, body="At nine", last=2, **renewed)
    alice.until("shown[0]?.body === 'At nine'")
    alice.screen.page.evaluate(CLOSE)
    alice.until("shown.length === 0")
    alice.push("show", cast.chat, body="At ten", last=2, **renewed)
    alice.push("show", other, seq=1, title="Others", body="Hello", last=1)
    alice.until("shown.some(({ title }) => title === 'Others')")
    assert [one["title"] for one in alice.shown] == ["Others"]
    # The push service has replaced the push of a newer message by its renewal.
    alice.push("show", cast.chat, body="At eleven", last=3, **renewed)
    alice.until("shown.some(({ body }) => body === 'At eleven')")


def test_a_picture_is_loaded_with_the_session(allow, worker, cast):
    """And whatever cannot be loaded, the notification is shown."""
    alice = worker(allow(cast.alice))
    theirs, unknown = database(stored_picture, cast.bob), uuid4()
    database(write, cast.bob, cast.chat, files=[theirs])
    more = {"seq": 1, "count": 1, "title": "Bob"}
    alice.push("show", cast.chat, **more, body="unknown", picture=str(unknown))
    alice.until("shown[0]?.body === 'unknown'")
    assert alice.screen.page.evaluate(IMAGES) == [""]
    alice.push("show", cast.chat, **more, body="theirs", picture=str(theirs))
    alice.until("shown[0]?.body === 'theirs'")
    [image] = alice.screen.page.evaluate(IMAGES)
    assert image == f"data:image/webp;base64,{b64encode(b'pixels').decode()}"


def test_a_push_that_waits_for_its_picture_is_not_shown_after_a_later_one(allow, worker, cast):
    alice = worker(allow(cast.alice))
    other, last = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2))
    alice.hold_requests()
    for chat in (cast.chat, other):
        alice.push("show", chat, seq=1, title="Bob", body="first", picture=str(uuid4()))
    alice.push("clear", cast.chat)
    alice.push("show", other, seq=1, title="Bob", body="second")
    alice.until("shown.some(({ body }) => body === 'second')")
    alice.release_requests()
    alice.push("show", last, seq=1, title="Bob", body="last")
    alice.until("shown.some(({ body }) => body === 'last')")
    assert {one["body"] for one in alice.shown} == {"second", "last"}


def test_a_click_opens_the_message_in_the_open_page(allow, worker, cast):
    database(write, cast.bob, cast.chat, "Over here")
    alice = allow(cast.alice, "/people")
    service_worker = worker(alice)
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="Over here")
    service_worker.until("shown.length === 1")
    assert service_worker.click(cast.chat) == []
    expect(alice.page).to_have_url(f"{alice.address}/c/{cast.chat}/at/1")
    expect(alice.texts.last).to_have_text("Over here")
    service_worker.until("shown.length === 0")


@pytest.mark.parametrize("elsewhere", ["about:blank", "/settings/profile"])
def test_a_click_opens_a_page_when_none_is_open(allow, worker, cast, elsewhere):
    alice = allow(cast.alice, "/people")
    service_worker = worker(alice)
    service_worker.push("show", cast.chat, seq=7, count=1, title="Bob", body="Over here")
    service_worker.until("shown.length === 1")
    alice.page.goto(urljoin(alice.address, elsewhere))
    service_worker.until_no_page_is_open()
    assert service_worker.click(cast.chat) == [f"/c/{cast.chat}/at/7"]


def test_a_visible_chat_shows_no_notification_except_on_apple_devices(allow, worker, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}")
    service_worker = worker(alice)
    other = "00000000-0000-7000-8000-000000000001"
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="You see me")
    service_worker.push("show", other, seq=1, count=1, title="Others", body="You do not see us")
    service_worker.until("shown.some(({ title }) => title === 'Others')")
    assert [one["title"] for one in service_worker.shown] == ["Others"]

    # Apple's push service ends a subscription when a push shows nothing.
    service_worker.pretend_endpoint("https://web.push.apple.com/some-device")
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="You see me")
    service_worker.until("shown.some(({ title }) => title === 'Bob')")
    [one] = [each for each in service_worker.shown if each["title"] == "Bob"]
    assert one["silent"] is True


def test_a_notification_is_shown_even_if_the_badge_fails(allow, worker, cast):
    alice = allow(cast.alice, f"/c/{cast.chat}")
    service_worker = worker(alice)
    service_worker.pretend_endpoint("https://fcm.googleapis.com/fcm/send/some-device")
    alice.page.goto(f"{alice.address}/settings/profile")
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="Hello")
    service_worker.until("shown.length === 1")


def test_reading_a_chat_removes_its_notification(allow, worker, cast):
    database(write, cast.bob, cast.chat, "Read me")
    alice = allow(cast.alice)
    service_worker = worker(alice)
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="Read me")
    service_worker.until("shown.length === 1")
    alice.open(cast.chat)
    service_worker.until("shown.length === 0")


def test_a_text_that_is_shown_once_is_not_lost_with_a_preload(allow, worker, cast):
    screen = worker(allow(cast.alice)).screen
    page = screen.page
    # A page that does not store the device's subscription while the session ends.
    page.goto(f"{screen.address}/settings/data")
    password = make_password(PASSWORD)
    database(User.objects.filter(id=cast.alice.id).update, password=password)
    database(deletions.ask, cast.alice.id)
    page.goto(f"{screen.address}/accounts/login/")
    page.get_by_label("Username or e-mail").fill(cast.alice.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    kept = page.get_by_text("Your account will not be deleted.")
    expect(kept).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Your data", level=1)).to_be_visible()
    expect(kept).to_be_hidden()


def test_what_is_no_message_opens_its_page_and_is_not_shown_beside_an_open_one(allow, worker, cast):
    alice = allow(cast.alice, "/people")
    service_worker = worker(alice)
    topic = "00000000-0000-0000-0000-000000000001"
    waits = {"count": 1, "title": "Administration", "path": "/admin/"}
    service_worker.push("show", topic, **waits, body="The page shows it")
    service_worker.push("show", cast.chat, seq=1, count=1, title="Bob", body="Hello")
    service_worker.until("shown.some(({ title }) => title === 'Bob')")
    assert [one["title"] for one in service_worker.shown] == ["Bob"]
    alice.page.goto(urljoin(alice.address, "/settings/profile"))
    service_worker.push("show", topic, **waits, body="2 things wait for moderators.")
    service_worker.until("shown.some(({ title }) => title === 'Administration')")
    [one] = [each for each in service_worker.shown if each["tag"] == topic]
    assert (one["body"], one["path"]) == ("2 things wait for moderators.", "/admin/")
    assert service_worker.click(topic) == ["/admin/"]
