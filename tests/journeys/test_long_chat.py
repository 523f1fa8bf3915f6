"""A chat of 10,000 messages: jumping to any day, and a stable scroll position."""

import time
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast as AsType
from django.db.models.functions import Concat, Repeat
from django.utils.timezone import now
from playwright.sync_api import Locator, expect

from apps.chats.models import Member, Message
from apps.wire.models import Epoch
from tests.journeys.conftest import TIMEOUT_MS, Cast
from tests.journeys.screen import Screen
from tests.support.fill import fill
from tests.support.servers import Server

LENGTH = 10_000


@pytest.fixture
def long_chat(cast: Cast) -> UUID:
    """The chat of Alice and Bob with 10,000 messages, read by both."""
    fill(cast.chat, cast.bob.id, end=LENGTH, first=(now() - timedelta(minutes=LENGTH)).isoformat())
    longer = Concat(F("text"), Repeat(Value(" and on"), AsType(F("seq") % 40, IntegerField())))
    Message.objects.filter(chat_id=cast.chat).update(text=longer)
    Member.objects.filter(chat_id=cast.chat).update(read_seq=LENGTH, delivered_seq=LENGTH)
    return cast.chat


def at(screen: Screen, seq: int) -> Locator:
    """The row with this seq."""
    return screen.page.locator(f"li.row[data-seq='{seq}']")


def first_of(chat: UUID, day: date) -> int:
    """The seq of the first entry of a day, in the browser's time zone."""
    return Message.objects.filter(chat_id=chat, created_at__date=day).earliest("seq").seq


def test_the_timeline_jumps_to_any_day_and_any_message(enter, cast, long_chat):
    alice = enter(cast.alice, f"/c/{long_chat}", timezone_id="UTC")
    expect(at(alice, LENGTH)).to_be_in_viewport()
    day = Message.objects.get(chat_id=long_chat, seq=2_500).created_at.date()
    alice.page.get_by_role("button", name="Go to a day").click()
    alice.page.locator("#jump input").fill(day.isoformat())
    alice.page.get_by_role("button", name="Go", exact=True).click()
    expect(at(alice, first_of(long_chat, day))).to_be_in_viewport()
    expect(alice.page).to_have_url(f"{alice.address}/c/{long_chat}/on/{day}")

    other = Message.objects.get(chat_id=long_chat, seq=7_300).created_at.date()
    alice.go(f"/c/{long_chat}/on/{other}")
    expect(at(alice, first_of(long_chat, other))).to_be_in_viewport()

    alice.go(f"/c/{long_chat}/at/5000")
    expect(at(alice, 5_000)).to_be_in_viewport()
    expect(at(alice, 5_000)).to_contain_class("row-target")
    alice.page.go_back()
    expect(at(alice, first_of(long_chat, other))).to_be_in_viewport()

    alice.page.get_by_role("button", name="Newest").click()
    expect(at(alice, LENGTH)).to_be_in_viewport()
    enter(cast.bob, f"/c/{long_chat}").say("the very last")
    expect(alice.row("the very last")).to_be_in_viewport()


def wait_for_log(server: Server, words: str, screen: Screen) -> None:
    """Wait until the server has logged these words."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while words not in server.log:
        assert time.monotonic() < deadline, server.log
        screen.page.wait_for_timeout(100)


# Scrolls until older rows are loaded, and measures how far the first visible row moved when they
# were inserted above it.
DRIFT = """async (scroller) => {
  const frame = () => new Promise(requestAnimationFrame);
  const top = () => scroller.getBoundingClientRect().top;
  const rows = () => [...scroller.querySelectorAll('li.row')];
  const first = Number(rows()[0].dataset.seq);
  scroller.scrollTop = Math.min(scroller.scrollTop - 1, 200);
  const row = rows().find((one) => one.getBoundingClientRect().bottom > top());
  const before = row.getBoundingClientRect().top;
  while (Number(rows()[0].dataset.seq) >= first) await frame();
  for (let frames = 0; frames < 5; frames++) await frame();
  return { drift: Math.abs(row.getBoundingClientRect().top - before), first };
}"""


def test_loading_older_rows_does_not_move_the_visible_row(enter, cast, long_chat):
    alice = enter(cast.alice, f"/c/{long_chat}")
    expect(at(alice, LENGTH)).to_be_in_viewport()
    for _ in range(12):
        measured = alice.timeline.evaluate(DRIFT)
        assert measured["drift"] <= 1, measured
    assert measured["first"] < LENGTH - 500
    seqs = alice.rows.evaluate_all("(rows) => rows.map((row) => Number(row.dataset.seq))")
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    alice.page.get_by_role("button", name="Newest").click()
    expect(at(alice, LENGTH)).to_be_in_viewport()


def test_messages_that_arrive_while_scrolled_up_do_not_move_the_view(enter, cast, long_chat):
    alice = enter(cast.alice, f"/c/{long_chat}")
    expect(at(alice, LENGTH)).to_be_in_viewport()
    alice.timeline.hover()
    alice.page.mouse.wheel(0, -600)
    pill = alice.page.locator(".pill")
    expect(pill).to_have_text("Newest")
    stand = "(scroller) => scroller.scrollTop"
    before = alice.timeline.evaluate(stand)
    bob = enter(cast.bob, f"/c/{long_chat}")
    bob.say("one more", "and another")
    expect(pill).to_have_text("2 unread")
    assert alice.timeline.evaluate(stand) == before
    pill.click()
    expect(alice.row("and another")).to_be_in_viewport()
    expect(pill).to_have_count(0)


def test_dropping_the_cache_keeps_the_scroll_position(enter, cast, long_chat, proxy, server):
    alice = enter(cast.alice, f"/c/{long_chat}", via=proxy)
    expect(at(alice, LENGTH)).to_be_in_viewport()
    alice.timeline.hover()
    alice.page.mouse.wheel(0, -600)
    expect(alice.page.locator(".pill")).to_have_text("Newest")
    row = at(alice, LENGTH - 10)
    before = row.bounding_box()
    # Prefetching at idle would fail and log console errors.
    proxy.pages_pass = True
    proxy.cut()
    expect(alice.status_banner).to_contain_text("Offline")
    # As after restoring a backup: a new epoch makes the browser drop its cache.
    Epoch.objects.all().delete()
    epoch = Epoch.objects.create()
    # The server ends all connections when it notices.
    wait_for_log(server, f"epoch {epoch.id} follows", alice)
    proxy.mend()
    alice.wait_for_debug(f"(view) => view.epoch === '{epoch.id}'")
    bob = enter(cast.bob, f"/c/{long_chat}")
    bob.say("one more")
    expect(alice.page.locator(".pill")).to_have_text("1 unread")
    after = row.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) <= 1
