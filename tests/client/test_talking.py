"""Sending and reading in one chat."""

from playwright.sync_api import expect

from apps.chats.actions.messages import send_batch, validated_send
from apps.contacts.models import Contact
from apps.core.identifiers import new_id
from tests.support.live import Cast, database


def send(cast: Cast, *texts: str) -> None:
    """Send messages of Bob to the chat with Alice."""
    texts_of_bob = [
        validated_send(sender=cast.bob.id, chat=cast.chat, client_id=new_id(), text=text)
        for text in texts
    ]
    database(send_batch, texts_of_bob)


def test_an_acknowledgement_does_not_replace_the_row(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.run("""() => {
      window.made = [];
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes)
            window.made.push(...(node.parentElement?.querySelectorAll('.row') ?? []));
      }).observe(document.body, { childList: true, subtree: true });
    }""")
    alice.say("One row")
    expect(alice.last_row).to_have_attribute("data-state", "sent")
    assert alice.run("() => [new Set(window.made).size, window.made[0].isConnected]") == [1, True]


def test_a_new_message_is_announced_without_moving_the_focus(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.focus()
    send(cast, "Knock knock")
    expect(alice.page.get_by_role("log")).to_have_text("Bob: Knock knock")
    expect(alice.box).to_be_focused()


def test_older_messages_are_not_announced(open_page, cast):
    send(cast, "Said before")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.last_row).to_contain_text("Said before")
    expect(alice.page.get_by_role("log")).to_have_text("")


def test_the_unread_divider_stays_while_reading(open_page, cast):
    send(cast, "One", "Two")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    divider = alice.page.locator(".new")
    expect(divider).to_have_text("2 new")
    expect(alice.chat_row("Bob").locator("[data-unread]")).to_have_count(0)
    expect(divider).to_be_visible()


def test_enter_sends_and_shift_enter_starts_a_new_line(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.press_sequentially("first")
    alice.box.press("Shift+Enter")
    alice.box.press_sequentially("second")
    alice.box.press("Enter")
    expect(alice.last_row.locator(".text")).to_have_text("first\nsecond", use_inner_text=True)
    expect(alice.box).to_have_value("")


def test_a_draft_survives_a_reload_and_is_shown_in_the_list(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.fill("half a thought")
    expect(alice.chat_row("Bob")).to_contain_text("Draft: half a thought")
    alice.page.reload()
    expect(alice.box).to_have_value("half a thought")


def test_the_character_counter_appears_near_the_limit(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    # The server sends the limit when the client connects.
    expect(alice.page.locator(".me-name .dot")).to_be_visible()
    left = alice.page.locator(".composer-left")
    alice.box.fill("fox " * 20_000)
    expect(left).to_have_count(0)
    alice.box.fill("fox " * 24_900)
    expect(left).to_have_text("399 left")


def test_a_refused_message_shows_its_reason_and_returns_to_the_composer(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    expect(alice.page.locator(".me-name .dot")).to_be_visible()
    # In the database only: without an event, the page still believes that it may write.
    Contact.objects.filter(owner_id__in=(cast.alice.id, cast.bob.id)).update(state="none")
    alice.say("Too late?")
    row = alice.last_row
    expect(row).to_have_attribute("data-state", "refused")
    expect(row).to_contain_text("you are no longer contacts")
    row.get_by_role("button", name="Back to writing").click()
    expect(alice.box).to_have_value("Too late?")
    expect(alice.rows).to_have_count(0)


def test_text_of_a_refused_message_does_not_enter_an_edit(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.say("At six")
    expect(alice.last_row).to_have_attribute("data-state", "sent")
    Contact.objects.filter(owner_id__in=(cast.alice.id, cast.bob.id)).update(state="none")
    alice.say("Too late?")
    row = alice.last_row
    expect(row).to_have_attribute("data-state", "refused")
    alice.box.press("ArrowUp")
    expect(alice.page.locator(".composer-quote")).to_contain_text("Editing")
    alice.box.fill("At seven")
    row.get_by_role("button", name="Back to writing").click()
    expect(alice.box).to_have_value("Too late?")
    expect(alice.page.locator(".composer-quote")).to_have_count(0)
    alice.box.fill("")
    alice.box.press("ArrowUp")
    expect(alice.box).to_have_value("At seven")
