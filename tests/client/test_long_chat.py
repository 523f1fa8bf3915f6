"""A chat of 10,000 messages: where it opens, and how many elements the page has."""

from datetime import timedelta

import pytest
from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast as AsType
from django.db.models.functions import Concat, Repeat
from django.utils.timezone import now
from playwright.sync_api import expect

from apps.chats.models import Member, Message
from tests.support.fill import fill
from tests.support.live import Cast

LENGTH = 10_000


@pytest.fixture
def long_chat(cast: Cast) -> Cast:
    """Alice's and Bob's chat; they take turns of three messages. Alice has read all but the last
    300."""
    fill(cast.chat, cast.bob.id, end=LENGTH, first=(now() - timedelta(minutes=LENGTH)).isoformat())
    entries = Message.objects.filter(chat_id=cast.chat)
    entries.annotate(turn=F("seq") / 3 % 2).filter(turn=0).update(sender_id=cast.alice.id)
    more = Repeat(Value(" More words follow."), AsType(F("seq") % 11, IntegerField()))
    entries.update(text=Concat(F("text"), more))
    Member.objects.filter(chat_id=cast.chat, user_id=cast.alice.id).update(
        read_seq=LENGTH - 300, delivered_seq=LENGTH
    )
    return cast


def test_a_long_chat_opens_at_the_first_unread_message_and_its_page_stays_small(
    open_page, long_chat
):
    alice = open_page(long_chat.alice, f"/c/{long_chat.chat}")
    expect(alice.page.locator(".new")).to_be_in_viewport()
    expect(alice.page.locator(f"[data-seq='{LENGTH - 299}']")).to_be_in_viewport()
    expect(alice.pill).to_contain_text("unread")

    alice.pill.click()
    expect(alice.page.locator(f"[data-seq='{LENGTH}']")).to_be_in_viewport()
    expect(alice.pill).to_have_count(0)
    alice.say("And one more")
    expect(alice.last_row).to_be_in_viewport()
    expect(alice.last_row).to_contain_text("And one more")

    alice.go(f"/c/{long_chat.chat}/at/5000")
    alice.settle()
    for _ in range(8):
        oldest = alice.rows.first.get_attribute("data-seq") or ""
        alice.run("() => { document.querySelector('.timeline').scrollTop = 0; }")
        expect(alice.rows.first).not_to_have_attribute("data-seq", oldest)
    assert alice.rows.count() <= 260
    assert alice.run("() => document.querySelectorAll('*').length") <= 7000
