"""Drafts and edits of one person on two devices."""

from time import sleep
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from apps.chats.models import Message
from apps.contacts.actions import contacts
from tests.client.test_composition import accept, compose
from tests.journeys.conftest import Cast, Company
from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import in_touch


def stored(cast: Cast) -> list[str]:
    """Texts of the chat's messages in the database, in order."""
    entries = Message.objects.filter(chat_id=cast.chat, kind="text").order_by("seq")
    return list(entries.values_list("text", flat=True))


class Devices(NamedTuple):
    """Two of Alice's devices show a chat."""

    laptop: Screen
    phone: Screen
    cast: Cast


@pytest.fixture
def devices(company: Company) -> Devices:
    """Devices of Alice that show a new group of hers and Bob's, without loading a page."""
    chat = company.group("alice", "bob")
    laptop, phone = (screen.open(chat) for screen in company.screens("alice", "alice"))
    return Devices(laptop, phone, company.cast._replace(chat=chat))


def test_a_draft_sent_elsewhere_is_removed_from_the_focused_composer(enter, devices):
    laptop, phone, cast = devices
    tab = enter(cast.alice, f"/c/{cast.chat}", beside=laptop)
    for number, other in enumerate((phone, tab)):
        text = f"At six, number {number}"
        laptop.composer.press_sequentially(text)
        expect(other.composer).to_have_value(text)
        other.composer.press("Enter")
        laptop.state(text, "sent", "delivered")
        expect(laptop.composer).to_be_focused()
        expect(laptop.composer).to_have_value("")
        laptop.composer.press("Enter")
    laptop.say("the end")
    laptop.state("the end", "sent", "delivered")
    assert stored(cast) == ["At six, number 0", "At six, number 1", "the end"]
    tab.page.close()


def test_words_written_on_stay_when_their_beginning_was_sent_elsewhere(enter, devices, proxy):
    phone, _, cast = devices
    laptop = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    laptop.composer.press_sequentially("At six")
    expect(phone.composer).to_have_value("At six")
    proxy.cut()
    laptop.composer.press_sequentially(", I think")
    phone.composer.press("Enter")
    phone.state("At six", "sent")
    proxy.mend()
    laptop.state("At six", "sent", "delivered")
    expect(laptop.composer).to_have_value("At six, I think")
    laptop.composer.press("Enter")
    phone.shows("At six", "At six, I think")


def test_words_written_on_two_devices_at_a_time_are_on_both(enter, devices, proxy):
    phone, desk, cast = devices
    laptop = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    laptop.composer.press_sequentially("At six")
    expect(phone.composer).to_have_value("At six")
    desk.page.get_by_role("link", name="People").first.click()
    proxy.cut()
    # Other words on each of them: the laptop's stay there until it has a connection.
    laptop.composer.fill("By the ferry")
    phone.composer.fill("Not before seven")
    expect(desk.chat(cast.chat)).to_contain_text("Not before seven")
    proxy.mend()
    both = "Not before seven\n\nBy the ferry"
    for one in (laptop, phone):
        expect(one.composer).to_have_value(both)
    laptop.composer.press("End")
    laptop.composer.press_sequentially("?")
    expect(desk.chat(cast.chat)).to_contain_text("ferry?")


def test_a_focused_composer_follows_the_other_device(devices):
    laptop, phone, _ = devices
    laptop.composer.press_sequentially("At six")
    expect(phone.composer).to_have_value("At six")
    phone.composer.press("End")
    phone.composer.press_sequentially(", I think")
    expect(laptop.composer).to_have_value("At six, I think")
    expect(laptop.composer).to_be_focused()
    laptop.composer.press_sequentially(" so")
    expect(phone.composer).to_have_value("At six, I think so")


def test_another_device_does_not_cancel_a_composition(devices):
    laptop, phone, _ = devices
    laptop.composer.press_sequentially("At six, ")
    method = compose(laptop.page, "に")
    expect(phone.composer).to_have_value("At six, に")
    phone.composer.press("Enter")
    laptop.state("At six, に", "sent", "delivered")
    expect(laptop.composer).to_have_value("At six, に")
    accept(method, "日本")
    expect(laptop.composer).to_have_value("At six, 日本")


def assert_editing(screen: Screen) -> None:
    expect(screen.page.locator(".composer-quote")).to_contain_text("Editing")


def test_an_unfinished_edit_survives_leaving_the_chat_and_a_reload(devices):
    alice, _, crew = devices
    alice.say("At six")
    alice.state("At six", "sent", "delivered")
    alice.composer.press("ArrowUp")
    assert_editing(alice)
    alice.composer.fill("At seven, by the lamp")
    alice.page.get_by_role("link", name="People").first.click()
    alice.open(crew.chat)
    assert_editing(alice)
    expect(alice.composer).to_have_value("At seven, by the lamp")
    alice.page.reload()
    alice.ready()
    assert_editing(alice)
    expect(alice.composer).to_have_value("At seven, by the lamp")
    alice.composer.press("Enter")
    alice.shows("At seven, by the lamp")
    expect(alice.composer).to_have_value("")
    alice.page.reload()
    expect(alice.ready().composer).to_have_value("")
    expect(alice.page.locator(".composer-quote")).to_have_count(0)


def test_an_edit_conflict_offers_both_texts(devices):
    laptop, phone, cast = devices
    laptop.say("one", "two")
    laptop.state("two", "sent", "delivered")
    for text in ("two", "one"):
        for device, new in ((laptop, f"{text} of the laptop"), (phone, f"{text} of the phone")):
            device.choose(text, "Edit")
            assert_editing(device)
            device.composer.fill(new)
    # Both devices are editing "one"; their edits of "two" are stored.
    phone.composer.press("Enter")
    laptop.shows("one of the phone", "two")
    laptop.composer.press("Enter")
    conflict = laptop.page.locator(".composer-conflict")
    expect(conflict).to_contain_text("changed on another device")
    expect(conflict.locator("blockquote")).to_have_text("one of the phone")
    expect(laptop.composer).to_have_value("one of the laptop")
    assert stored(cast) == ["one of the phone", "two"]
    assert findings(laptop.page) == []
    laptop.composer.press("Enter")
    expect(conflict.get_by_role("button", name="Save my text")).to_be_focused()
    laptop.page.keyboard.press("Enter")
    phone.shows("one of the laptop", "two")
    expect(conflict).to_have_count(0)

    phone.choose("two", "Edit")
    expect(phone.composer).to_have_value("two of the phone")
    phone.composer.press("Enter")
    laptop.shows("one of the laptop", "two of the phone")
    laptop.choose("two of the phone", "Edit")
    expect(laptop.composer).to_have_value("two of the laptop")
    laptop.composer.press("Enter")
    conflict.get_by_role("button", name="Keep the other text").click()
    expect(conflict).to_have_count(0)
    expect(laptop.composer).to_have_value("")
    laptop.shows("one of the laptop", "two of the phone")
    assert stored(cast) == ["one of the laptop", "two of the phone"]


def test_an_edit_of_a_deleted_message_is_discarded(enter, devices):
    phone, _, crew = devices
    alice = enter(crew.alice, f"/c/{crew.chat}")  # its storage has nothing of other tests
    alice.say("At six", "At seven")
    alice.state("At seven", "sent", "delivered")
    for text in ("At six", "At seven"):
        alice.choose(text, "Edit")
        assert_editing(alice)
        alice.composer.fill(f"{text}, by the lamp")
    kept = alice.page.evaluate("JSON.stringify(localStorage)")
    assert kept.count("by the lamp") == 2
    assert kept.count("At six") == kept.count("At seven") == 1, "nothing but what was written"
    alice.page.get_by_role("link", name="People").first.click()
    phone.choose("At seven", "Delete")
    phone.menu.get_by_role("button", name="Delete", exact=True).click()
    expect(phone.page.locator(".row-deleted")).to_have_count(1)
    alice.open(crew.chat)
    expect(alice.page.locator(".row-deleted")).to_have_count(1)
    expect(alice.composer).to_have_value("")
    assert "At seven" not in alice.page.evaluate("JSON.stringify(localStorage)")
    alice.page.reload()
    alice.ready()
    assert_editing(alice)
    expect(alice.composer).to_have_value("At six, by the lamp")


def test_text_typed_during_a_save_is_saved_as_well(devices):
    alice, _, cast = devices
    alice.say("At six")
    alice.state("At six", "sent", "delivered")
    alice.composer.press("ArrowUp")
    assert_editing(alice)
    alice.composer.fill("At seven")
    # Press Enter, type more and press Enter again, before the server responds.
    alice.page.evaluate(
        """() => {
          const box = document.querySelector('textarea');
          const enter = () => box.dispatchEvent(
            new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }),
          );
          enter();
          box.value = 'At seven, by the lamp';
          box.dispatchEvent(new InputEvent('input', { bubbles: true }));
          enter();
        }"""
    )
    alice.shows("At seven, by the lamp")
    expect(alice.page.locator(".composer-conflict")).to_have_count(0)
    expect(alice.composer).to_have_value("")
    assert stored(cast) == ["At seven, by the lamp"]


def test_an_unfinished_edit_survives_losing_and_regaining_a_contact(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.say("At six")
    alice.state("At six", "sent", "delivered")
    alice.composer.fill("A draft of something else")
    alice.choose("At six", "Edit")
    alice.composer.fill("At seven, by the lamp")
    database(contacts.block, cast.bob.id, cast.alice.id)
    expect(alice.page.locator(".composer-closed")).to_be_visible()
    database(contacts.unblock, cast.bob.id, cast.alice.id)
    database(in_touch, cast.alice, cast.bob)
    assert_editing(alice)
    expect(alice.composer).to_have_value("At seven, by the lamp")
    alice.composer.press("Enter")
    alice.shows("At seven, by the lamp")
    expect(alice.composer).to_have_value("A draft of something else")
    assert stored(cast) == ["At seven, by the lamp"]


def test_what_is_written_while_an_edit_is_saved_goes_on_from_the_saved_text(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    alice.say("At six")
    alice.state("At six", "sent", "delivered")
    alice.choose("At six", "Edit")
    alice.composer.fill("At seven")
    proxy.times = slowly
    alice.composer.press("Enter")
    alice.composer.press_sequentially(", by the lamp")
    alice.shows("At seven")
    proxy.times = lambda event: 1
    expect(alice.composer).to_have_value("At seven, by the lamp")
    assert_editing(alice)
    alice.composer.press("Enter")
    alice.shows("At seven, by the lamp")
    expect(alice.composer).to_have_value("")
    expect(alice.page.locator(".composer-conflict")).to_have_count(0)
    assert stored(cast) == ["At seven, by the lamp"]


def slowly(event: object) -> int:
    """Delay every event by a second."""
    sleep(1)
    return 1
