"""A chat of 10,000 messages: where it opens, and how many elements the page has."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import expect

from apps.chats.models import Chat, Member, Message
from apps.core.identifiers import new_id
from tests.support.live import Cast

LENGTH = 10_000
DAYS = 40


@pytest.fixture
def long_chat(cast: Cast) -> Cast:
    """Alice's and Bob's chat, filled in bulk; Alice has read all but the last 300."""
    now = datetime.now(UTC)
    people = (cast.alice.id, cast.bob.id)
    Message.objects.bulk_create(
        [
            Message(
                chat_id=cast.chat,
                seq=seq,
                rev=seq,
                id=new_id(),
                sender_id=people[seq // 3 % 2],
                client_id=new_id(),
                text=f"Entry {seq} of the log. " + "More words follow. " * (seq % 11),
                created_at=now - timedelta(days=DAYS) * (1 - seq / LENGTH),
            )
            for seq in range(1, LENGTH + 1)
        ],
        batch_size=2000,
    )
    Chat.objects.filter(id=cast.chat).update(last_seq=LENGTH, rev=LENGTH, active_at=now)
    read(cast.chat, cast.alice.id, LENGTH - 300)
    return cast


def read(chat: UUID, user: UUID, seq: int) -> None:
    Member.objects.filter(chat_id=chat, user_id=user).update(read_seq=seq, delivered_seq=LENGTH)


def test_a_long_chat_opens_at_the_first_unread_message(open_page, long_chat):
    alice = open_page(long_chat.alice, f"/c/{long_chat.chat}")
    expect(alice.page.locator(".new")).to_be_in_viewport()
    expect(alice.page.locator(f"[data-seq='{LENGTH - 299}']")).to_be_in_viewport()
    expect(alice.pill).to_contain_text("new")


def test_the_button_jumps_to_the_end_and_the_view_sticks_there(open_page, long_chat):
    alice = open_page(long_chat.alice, f"/c/{long_chat.chat}")
    alice.pill.click()
    expect(alice.page.locator(f"[data-seq='{LENGTH}']")).to_be_in_viewport()
    expect(alice.pill).to_have_count(0)
    alice.say("And one more")
    expect(alice.last_row).to_be_in_viewport()
    expect(alice.last_row).to_contain_text("And one more")


def test_the_page_stays_small_when_scrolling_far(open_page, long_chat):
    alice = open_page(long_chat.alice, f"/c/{long_chat.chat}/at/5000")
    alice.settle()
    for _ in range(8):
        oldest = alice.rows.first.get_attribute("data-seq") or ""
        alice.run("() => { document.querySelector('.timeline').scrollTop = 0; }")
        expect(alice.rows.first).not_to_have_attribute("data-seq", oldest)
    assert alice.rows.count() <= 260
    assert alice.run("() => document.querySelectorAll('*').length") <= 7000
